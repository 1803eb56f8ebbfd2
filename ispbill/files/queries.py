"""Reads of files: one without its content, one with it."""
from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import undefer

from ispbill.core.db import db
from ispbill.files.models import StoredFile


def get(file_id: int) -> StoredFile | None:
    """A file without its content: name, type, size, who brought it and when."""
    return db.session.get(StoredFile, file_id)


def whole(file_id: int) -> StoredFile | None:
    """A file with its content, to be sent."""
    return db.session.scalars(
        select(StoredFile).where(StoredFile.id == file_id).options(undefer(StoredFile.content))
        .execution_options(populate_existing=True)
    ).one_or_none()
