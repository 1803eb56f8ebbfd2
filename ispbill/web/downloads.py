"""A file as an answer: to be saved, never shown as a page, and kept by no cache on the way."""
from __future__ import annotations

from flask import Response


def attachment(content: str | bytes, *, name: str, content_type: str = "application/pdf") -> Response:
    """The content as a download of that name, a PDF unless said otherwise."""
    response = Response(content, content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
