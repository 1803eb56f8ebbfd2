"""Reads of the logo: as papers show it."""
from __future__ import annotations

from functools import lru_cache

from ispbill.company.logo.scaling import for_papers
from ispbill.company.queries import settings
from ispbill.files import queries as files


def on_papers() -> str:
    """The logo as an SVG of the size in which papers print it; empty where there is none, or none that can be read."""
    file_id = settings().logo_file_id
    known = files.get(file_id) if file_id else None
    return _drawn(known.id, known.sha256) if known else ""


@lru_cache(maxsize=128)
def _drawn(file_id: int, sha256: str) -> str:
    """The same file is made small once a process; its hash keeps the files of two companies apart."""
    known = files.whole(file_id)
    assert known is not None and known.sha256 == sha256, "it was just read"
    try:
        return for_papers(known.content)
    except ValueError:
        # It came when nobody looked into it. A bill without a logo is better than none.
        return ""
