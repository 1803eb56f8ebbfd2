"""How large a picture is, told by its first bytes: asked before anybody unpacks it. Pure."""
from __future__ import annotations

from struct import error, unpack_from

# Frames that say their size (ITU-T T.81, table B.1): all but the tables that lie among their numbers.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Marks without a length.
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


def pixels(content: bytes, *, content_type: str) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG or WebP; None where its beginning is damaged."""
    try:
        found = _READERS[content_type](content)
    except (error, IndexError):
        return None
    return found if found and all(found) else None


def _png(content: bytes) -> tuple[int, int] | None:
    width, height = unpack_from(">II", content, 16)
    return (width, height) if content[12:16] == b"IHDR" else None


def _jpeg(content: bytes) -> tuple[int, int] | None:
    place = 2
    while content[place] == 0xFF:
        mark = content[place + 1]
        if mark in _JPEG_FRAMES:
            height, width = unpack_from(">HH", content, place + 5)
            return width, height
        place += 1 if mark == 0xFF else 2 if mark in _JPEG_BARE else 2 + unpack_from(">H", content, place + 2)[0]
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    """The three kinds of https://developers.google.com/speed/webp/docs/riff_container."""
    kind = content[12:16]
    if kind == b"VP8 ":
        width, height = unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    return None


_READERS = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}
