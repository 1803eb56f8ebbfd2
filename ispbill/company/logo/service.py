"""Verbs of the logo: show one, show none. A former one is forgotten."""
from __future__ import annotations

from ispbill.company.logo import policy
from ispbill.company.models import CompanySettings
from ispbill.company.queries import settings
from ispbill.core.db import db
from ispbill.files import service as files
from ispbill.files.models import StoredFile


def change(content: bytes, *, name: str) -> CompanySettings:
    """Show a picture beside the company's name from now on.

    Raises Invalid, on the field `file`, for another kind of file than PNG, JPEG or WebP and for a large one.
    """
    policy.check_size(content)
    return _show(files.store(content, name=name, allowed=policy.KINDS).id)


def remove() -> CompanySettings:
    """Show the first letter of the company's name again. Nothing happens where there is no logo."""
    return _show(None)


def _show(file_id: int | None) -> CompanySettings:
    row = settings()
    former, row.logo_file_id = row.logo_file_id, file_id
    db.session.flush()
    if former is not None:
        files.remove(db.session.get_one(StoredFile, former))
    return row
