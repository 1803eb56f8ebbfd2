"""Verbs of files: store one, remove one. Who may do that is said by the feature that the file belongs to."""
from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.files.models import StoredFile
from ispbill.files.policy import DOCUMENTS, checked


def store(content: bytes, *, name: str, allowed: Sequence[str] = DOCUMENTS) -> StoredFile:
    """Keep an uploaded file of at most 5 MB of one of the `allowed` content types.

    Raises Invalid, on the field `file`. The caller keeps its id in a row of its own.
    """
    upload = checked(content, name=name, allowed=allowed)
    stored = StoredFile(
        name=upload.name, content_type=upload.content_type, content=upload.content, size_bytes=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(), uploaded_by=current.actor.name, created_at=current.now(),
    )
    db.session.add(stored)
    db.session.flush()
    return stored


def remove(stored: StoredFile) -> None:
    """Forget a file and its content. The row that refers to it must be removed before."""
    db.session.delete(stored)
    db.session.flush()
