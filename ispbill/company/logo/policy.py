"""Rules of the logo: which pictures, how large, and how the style sheet of the company shows one."""
from __future__ import annotations

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

LARGEST_BYTES = 300 * 1024
# More than this unpacks to more memory than a picture of a few centimetres is worth.
MOST_PIXELS = 4000
# Pictures that every browser shows and that cannot hold a script, as an SVG can.
KINDS = ("image/png", "image/jpeg", "image/webp")
UNREADABLE = lazy("This picture is damaged: it cannot be read.")


def check_size(content: bytes) -> None:
    """Raises Invalid, on the field `file`, for a picture that would slow every page down."""
    if len(content) > LARGEST_BYTES:
        raise Invalid(_("A logo has at most %(largest_bytes)s KB.", largest_bytes=LARGEST_BYTES // 1024), field="file")


def check_pixels(size: tuple[int, int] | None) -> None:
    """Raises Invalid, on the field `file`, for a picture that is damaged or unpacks to very much."""
    if size is None:
        raise Invalid(UNREADABLE, field="file")
    if max(size) > MOST_PIXELS:
        raise Invalid(_("A logo is at most %(most)s pixels wide and high.", most=f"{MOST_PIXELS:,}"), field="file")


def style_sheet(accent_colour: str, *, logo_url: str | None) -> str:
    """The company's style sheet: its colour, which the theme keeps readable, and its logo in the letter's place."""
    lines = [f":root {{ --brand: {accent_colour} }}"]
    if logo_url is not None:
        # The picture takes the letter's place as a picture, so that a wide one is as wide as it is.
        lines.append(f'.shell-mark {{ content: url("{logo_url}"); width: auto; max-width: 8rem; object-fit: contain;'
                     " background: #fff }")
    return "\n".join(lines) + "\n"
