"""The module that a WSGI server of one's own loads."""
from __future__ import annotations

import importlib

import pytest
from werkzeug.test import Client

from ispbill.config import Settings


def test_the_wsgi_module_serves_what_ispbill_web_serves(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISPBILL_DATABASE_URL", settings.admin_url)
    monkeypatch.setenv("ISPBILL_REDIS_URL", settings.redis_url)
    client = Client(importlib.import_module("wsgi").application)
    assert client.get("/healthz", base_url="http://localhost").status_code == 200
    assert client.get("/", base_url="http://nobody.localhost").status_code == 404
