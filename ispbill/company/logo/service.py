"""Verbs of the logo: show one, show none. A former one is forgotten."""
from __future__ import annotations

from ispbill.company.logo import policy
from ispbill.company.logo.scaling import for_papers
from ispbill.company.models import CompanySettings
from ispbill.company.queries import settings
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.files import service as files
from ispbill.files.models import StoredFile
from ispbill.files.pictures import pixels


def change(content: bytes, *, name: str) -> CompanySettings:
    """Show a picture beside the company's name from now on.

    Raises Invalid, on the field `file`, for another kind of file than PNG, JPEG or WebP, a large and a damaged one.
    """
    policy.check_size(content)
    stored = files.store(content, name=name, allowed=policy.KINDS)
    policy.check_pixels(pixels(content, content_type=stored.content_type))
    try:
        for_papers(content)
    except ValueError as damaged:
        raise Invalid(policy.UNREADABLE, field="file") from damaged
    return _show(stored.id)


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
