"""Rules of files: which kinds are taken, told by their first bytes; how large; what a name may hold. Pure."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.text import is_storable

LARGEST_BYTES = 5 * 1024 * 1024
LONGEST_NAME = 120
IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")
DOCUMENTS = (*IMAGES, "application/pdf", "text/plain")
_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",), "image/webp": (".webp",), "image/gif": (".gif",),
    "application/pdf": (".pdf",), "text/plain": (".txt", ".csv", ".log", ".md"),
}
_LABELS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF",
           "application/pdf": "PDF", "text/plain": lazy("plain text")}
# The first bytes of each kind (https://mimesniff.spec.whatwg.org/, section 6).
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"%PDF-", "application/pdf"),
)
# Bytes that no text has (ibid., section 3).
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept: its name made safe, its type as the content tells it."""

    name: str
    content_type: str
    content: bytes


def checked(content: bytes, *, name: str, allowed: Sequence[str]) -> Upload:
    """The upload as it is stored. Raises Invalid, on the field `file`, for an empty, large or other kind of file."""
    if not content:
        raise Invalid(_("The file is empty."), field="file")
    if len(content) > LARGEST_BYTES:
        raise Invalid(_("A file has at most %(largest_bytes)s MB.", largest_bytes=LARGEST_BYTES // 1024 // 1024),
                      field="file")
    content_type = content_type_of(content)
    if content_type is None or content_type not in allowed:
        raise Invalid(_("Choose a file of one of these kinds: %(kinds_text)s.", kinds_text=kinds_text(allowed)),
                      field="file")
    return Upload(safe_name(name, content_type=content_type), content_type, content)


def content_type_of(content: bytes) -> str | None:
    """What a file is by its content; None for what is not taken at all."""
    for signature, content_type in _SIGNATURES:
        if content.startswith(signature):
            return content_type
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return "text/plain" if _is_text(content) else None


def safe_name(name: str, *, content_type: str) -> str:
    """The last part of a path, printable and short, with an ending that fits the content."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(character for character in last if character.isprintable() and is_storable(character)).strip(" .")
    endings = _ENDINGS[content_type]
    ending = next((known for known in endings if plain.lower().endswith(known)), None)
    stem = plain[:-len(ending)] if ending else plain
    return f"{stem[:LONGEST_NAME].strip() or 'file'}{ending or endings[0]}"


def kinds_text(allowed: Sequence[str]) -> str:
    """“JPEG, PNG” for people."""
    return ", ".join(_LABELS[content_type] for content_type in allowed)


def accepted(allowed: Sequence[str]) -> str:
    """The `accept` of a file input."""
    return ",".join(ending for content_type in allowed for ending in _ENDINGS[content_type])


def _is_text(content: bytes) -> bool:
    if _BINARY.search(content):
        return False
    try:
        return is_storable(content.decode("utf-8"))
    except UnicodeDecodeError:
        return False
