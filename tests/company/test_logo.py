"""The logo: a small picture of a safe kind, shown to everybody, forgotten when another takes its place."""
from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlalchemy import select

from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.files.models import StoredFile
from tests.make.browsers import Browser, signed_in
from tests.make.offers import PNG


def put_up(browser: Browser, content: bytes, name: str = "logo.png") -> int:
    """Upload a picture."""
    answer = browser.post("/settings/logo", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    return answer.status_code


def test_a_logo_is_shown_to_everybody_until_it_is_removed(app: Flask, tenant: TenantRef) -> None:
    browser, visitor = signed_in(app, tenant), Browser(app, tenant)
    assert visitor.get("/logo").status_code == 204 and "url(" not in visitor.get("/branding.css").text
    assert put_up(browser, PNG) == 302
    picture = visitor.get("/logo")
    assert (picture.data, picture.content_type) == (PNG, "image/png")
    assert 'url("/logo?v=1")' in visitor.get("/branding.css").text
    assert put_up(browser, PNG, "another.png") == 302
    assert 'url("/logo?v=2")' in visitor.get("/branding.css").text
    with unit_of_work():
        assert db.session.scalars(select(StoredFile.name)).all() == ["another.png"]
    assert browser.post("/settings/logo/remove").status_code == 302
    assert visitor.get("/logo").status_code == 204 and "--brand" in visitor.get("/branding.css").text


@pytest.mark.parametrize("content", [
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", b"GIF89a" + bytes(20), PNG + bytes(400_000),
], ids=["drawing", "moving", "large"])
def test_another_kind_of_file_or_a_large_one_is_refused(app: Flask, tenant: TenantRef, content: bytes) -> None:
    browser = signed_in(app, tenant)
    assert put_up(browser, content) == 422
    assert browser.get("/logo").status_code == 204
