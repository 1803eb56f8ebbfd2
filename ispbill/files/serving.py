"""A stored file as an answer: always an attachment, never a page. The view that sends it carries the permission."""
from __future__ import annotations

from flask import Response

from ispbill.files.models import StoredFile
from ispbill.web import downloads


def attachment(stored: StoredFile) -> Response:
    """The file, loaded with its content, as a download; an <img> of our own pages may still show it."""
    response = downloads.attachment(stored.content, name=stored.name, content_type=stored.content_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
