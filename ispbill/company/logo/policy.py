"""Rules of the logo: which pictures, how large, and how the style sheet of the company shows one."""
from __future__ import annotations

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

LARGEST_BYTES = 300 * 1024
# Pictures that every browser shows and that cannot hold a script, as an SVG can.
KINDS = ("image/png", "image/jpeg", "image/webp")


def check_size(content: bytes) -> None:
    """Raises Invalid, on the field `file`, for a picture that would slow every page down."""
    if len(content) > LARGEST_BYTES:
        raise Invalid(_("A logo has at most %(largest_bytes)s KB.", largest_bytes=LARGEST_BYTES // 1024), field="file")


def style_sheet(accent_colour: str, *, logo_url: str | None) -> str:
    """The company's style sheet: its colour, which the theme keeps readable, and its logo in the letter's place."""
    lines = [f":root {{ --brand: {accent_colour} }}"]
    if logo_url is not None:
        ground = f'#fff url("{logo_url}") center/contain no-repeat'
        lines.append(f".shell-mark {{ background: {ground}; color: transparent }}")
    return "\n".join(lines) + "\n"
