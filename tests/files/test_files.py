"""Stored files: told by their content, kept with a safe name, sent as attachments."""
from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError

from ispbill.audit.models import AuditEntry
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.files import queries
from ispbill.files import service as files
from ispbill.files.policy import IMAGES, LARGEST_BYTES, accepted, content_type_of, safe_name
from ispbill.files.serving import attachment

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


@pytest.mark.parametrize(("content", "kind"), [
    (PNG, "image/png"), (b"\xff\xd8\xff\xe0 jpeg", "image/jpeg"), (b"GIF89a...", "image/gif"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"), (b"%PDF-1.7\n", "application/pdf"),
    ("Señal débil".encode(), "text/plain"), (b"<script>alert(1)</script>", "text/plain"),
    (b"MZ\x90\x00", None), (b"PK\x03\x04\xff", None), (b"PK\x03\x04", None), (b"\xff\xfe\x00", None),
    (b"zero\x00byte", None),
])
def test_a_file_is_what_its_content_says(content: bytes, kind: str | None) -> None:
    assert content_type_of(content) == kind


@pytest.mark.parametrize(("name", "kind", "kept"), [
    ("pole.PNG", "image/png", "pole.png"), ("../../etc/passwd", "text/plain", "passwd.txt"),
    ("C:\\photos\\pole.jpeg", "image/jpeg", "pole.jpeg"), ("evil.exe", "image/png", "evil.exe.png"),
    ("a\r\nb\x00.pdf", "application/pdf", "ab.pdf"), ("", "image/jpeg", "file.jpg"), ("...", "image/gif", "file.gif"),
    ("ñandú" * 100 + ".png", "image/png", ("ñandú" * 100)[:120] + ".png"),
])
def test_a_name_is_made_safe_and_fits_the_content(name: str, kind: str, kept: str) -> None:
    assert safe_name(name, content_type=kind) == kept


def test_an_input_says_what_it_takes() -> None:
    assert accepted(IMAGES) == ".jpg,.jpeg,.png,.webp,.gif"


def test_a_stored_file_comes_back_as_an_attachment(tenant: TenantRef) -> None:
    with unit_of_work():
        file_id = files.store(PNG, name="pole ñ.png").id
    with unit_of_work():
        stored = queries.whole(file_id)
        assert stored is not None
        assert (stored.size_bytes, stored.sha256) == (len(PNG), hashlib.sha256(PNG).hexdigest())
        assert stored.uploaded_by == "System"
        answer = attachment(stored)
    assert (answer.data, answer.content_type) == (PNG, "image/png")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_content_is_read_only_where_it_is_asked_for(tenant: TenantRef) -> None:
    with unit_of_work():
        file_id = files.store(PNG, name="pole.png").id
    with unit_of_work():
        stored = queries.get(file_id)
        assert stored is not None and stored.name == "pole.png"
        with pytest.raises(InvalidRequestError):
            _ = stored.content


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"MZ\x90\x00", PNG + b"x" * LARGEST_BYTES])
def test_what_is_empty_large_or_of_another_kind_is_refused(tenant: TenantRef, content: bytes) -> None:
    with unit_of_work(), pytest.raises(Invalid) as refusal:
        files.store(content, name="x", allowed=IMAGES)
    assert refusal.value.field == "file"


def test_the_record_keeps_the_name_and_not_the_content(tenant: TenantRef) -> None:
    with unit_of_work():
        stored = files.store(PNG, name="pole.png")
        files.remove(stored)
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "stored_file")).all()
        assert [entry.action for entry in entries] == ["created", "removed"]
        assert entries[0].after is not None
        assert entries[0].after["content"] == f"({len(PNG)} bytes)" and entries[0].label == "pole.png"
