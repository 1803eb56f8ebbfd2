"""Headers of every answer: a strict content security policy, and what browsers should refuse."""
from __future__ import annotations

from flask import Flask, Response, request

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def with_images_from(origin: str) -> str:
    """The policy of a page that shows pictures of one more origin, such as `https://tiles.example.com`."""
    return POLICY.replace("img-src 'self'", f"img-src 'self' {origin}".rstrip())


def register(app: Flask) -> None:
    """Install the headers."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if response.mimetype in ("text/html", "application/json", "application/problem+json"):
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response
