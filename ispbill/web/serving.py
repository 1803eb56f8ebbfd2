"""What stands around the application when it serves: the proxy's word about the client, and files with long lives."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A_YEAR_SECONDS = 365 * 24 * 3600


def outermost(app: Flask) -> TrustedProxy:
    """The application with its static files in front, behind a proxy that may say who the client is."""
    files = WhiteNoise(
        app, root=app.static_folder, prefix=str(app.static_url_path), max_age=A_YEAR_SECONDS,
        add_headers_function=_protect,
    )
    return TrustedProxy(files, proxies=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1"))


class TrustedProxy:
    """Believes X-Forwarded-For and X-Forwarded-Proto of the proxies named, of nobody else; never a forwarded host."""

    def __init__(self, application: WSGIApplication, *, proxies: str) -> None:
        self._plain = application
        self._forwarded = ProxyFix(application, x_for=1, x_proto=1, x_host=0, x_port=0, x_prefix=0)
        self._proxies = frozenset(address.strip() for address in proxies.split(","))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        """Hand on, with the client's address where a proxy gave it."""
        trusted = "*" in self._proxies or environ.get("REMOTE_ADDR") in self._proxies
        return (self._forwarded if trusted else self._plain)(environ, start_response)


def _protect(headers: Any, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
