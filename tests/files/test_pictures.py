"""How large a picture is: told by its first bytes, and nothing where they are damaged."""
from __future__ import annotations

import pytest

from ispbill.files.pictures import pixels
from tests.make.offers import PNG

RIFF = b"RIFF\x00\x00\x00\x00WEBP"
JPEG = b"\xff\xd8\xff\xe0\x00\x04\x01\x01\xff\xff\xc2\x00\x11\x08\x01\x2c\x02\x58"


@pytest.mark.parametrize(("content", "content_type", "size"), [
    (PNG, "image/png", (1, 1)),
    (JPEG, "image/jpeg", (600, 300)),
    (RIFF + b"VP8 " + bytes(10) + b"\x58\x02\x2c\x01", "image/webp", (600, 300)),
    (RIFF + b"VP8L" + bytes(5) + (599 | 299 << 14).to_bytes(4, "little"), "image/webp", (600, 300)),
    (RIFF + b"VP8X" + bytes(8) + (599).to_bytes(3, "little") + (299).to_bytes(3, "little"), "image/webp", (600, 300)),
    (PNG[:18], "image/png", None),
    (JPEG[:12], "image/jpeg", None),
    (b"\xff\xd8\xff\xd9\x00", "image/jpeg", None),
    (RIFF + b"ABCD", "image/webp", None),
])
def test_a_picture_tells_its_size(content: bytes, content_type: str, size: tuple[int, int] | None) -> None:
    assert pixels(content, content_type=content_type) == size
