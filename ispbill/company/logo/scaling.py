"""The logo as papers show it: made as small as it is printed, once, and held in a drawing that needs no other file."""
from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from ispbill.files.pictures import pixels

# As large as it may stand above the seller's name, at the fineness of a printer.
_TALLEST_MM, _WIDEST_MM, _DOTS_PER_INCH = 16, 60, 240
_SHEET = """
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#context {{
  let whole = measure(image("{name}"))
  image("{name}", width: whole.width * calc.min(1, {widest}mm / whole.width, {tallest}mm / whole.height))
}}
"""


def for_papers(content: bytes) -> str:
    """A picture as an SVG of the size in which papers print it. Raises ValueError where it cannot be read."""
    small = _scaled(content)
    size = pixels(small, content_type="image/png")
    assert size is not None, "a picture that was just made is whole"
    width, height = size
    inches = f'width="{width / _DOTS_PER_INCH:.4f}in" height="{height / _DOTS_PER_INCH:.4f}in"'
    picture = f"data:image/png;base64,{b64encode(small).decode()}"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" {inches} viewBox="0 0 {width} {height}">'
            f'<image width="{width}" height="{height}" href="{picture}"/></svg>')


def _scaled(content: bytes) -> bytes:
    with TemporaryDirectory() as folder:
        # The compiler tells the kind of a picture by its content.
        (Path(folder) / "logo").write_bytes(content)
        sheet = _SHEET.format(name="logo", widest=_WIDEST_MM, tallest=_TALLEST_MM)
        try:
            made = typst.Compiler(root=folder).compile(sheet.encode(), format="png", ppi=_DOTS_PER_INCH)
        except typst.TypstError as refused:
            raise ValueError("the picture cannot be read") from refused
    assert isinstance(made, bytes), "one sheet is one picture"
    return made
