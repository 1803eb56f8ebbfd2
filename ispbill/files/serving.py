"""A stored file as an answer: always an attachment, never a page. The view that sends it carries the permission."""
from __future__ import annotations

from flask import Response

from ispbill.files.models import StoredFile


def attachment(stored: StoredFile) -> Response:
    """The file, loaded with its content, as a download; an <img> of our own pages may still show it."""
    response = Response(stored.content, content_type=stored.content_type)
    response.headers.set("Content-Disposition", "attachment", filename=stored.name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
