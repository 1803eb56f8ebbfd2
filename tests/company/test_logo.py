"""The logo: a small picture of a safe kind, shown to everybody, forgotten when another takes its place."""
from __future__ import annotations

import io

import pytest
import typst
from flask import Flask
from sqlalchemy import select

from ispbill.company.queries import settings
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.files import service as files
from ispbill.files.models import StoredFile
from tests.make import bills
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


def test_a_logo_stands_on_papers_small_enough_for_print(app: Flask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    browser = signed_in(app, tenant)
    plain = browser.get(f"/invoices/{invoice.id}/document.pdf").data
    assert put_up(browser, drawn(width=1200, height=300)) == 302
    papers = [browser.get(address).data for address in (
        f"/invoices/{invoice.id}/document.pdf", f"/customers/{invoice.customer_id}/statement.pdf")]
    assert all(b"/Width 567" in paper for paper in papers) and b"/Subtype/Image" not in plain
    assert len(papers[0]) < len(plain) + 60_000
    assert browser.post("/settings/logo/remove").status_code == 302
    assert browser.get(f"/invoices/{invoice.id}/document.pdf").data == plain


def test_a_logo_that_came_damaged_does_not_keep_bills_from_being_printed(app: Flask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    with unit_of_work():
        stored = files.store(PNG[:40], name="logo.png", allowed=("image/png",))
        settings().logo_file_id = stored.id
    answer = signed_in(app, tenant).get(f"/invoices/{invoice.id}/document.pdf")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF")


@pytest.mark.parametrize(("content", "sentence"), [
    (PNG[:40], "damaged"), (PNG[:16] + (5000).to_bytes(4, "big") * 2 + PNG[24:], "at most 4,000 pixels"),
    (b"\xff\xd8\xff\xe0", "damaged"),
], ids=["cut off", "unpacks to much", "empty"])
def test_a_picture_that_no_paper_could_show_is_refused(
    app: Flask, tenant: TenantRef, content: bytes, sentence: str
) -> None:
    browser = signed_in(app, tenant)
    sent = {"file": (io.BytesIO(content), "logo.png")}
    answer = browser.post("/settings/logo", sent, content_type="multipart/form-data")
    assert answer.status_code == 422 and sentence in answer.text
    with unit_of_work():
        assert settings().logo_file_id is None and not db.session.scalars(select(StoredFile.id)).all()


def drawn(*, width: int, height: int) -> bytes:
    """A PNG of some size."""
    sheet = f"#set page(width: {width}pt, height: {height}pt, margin: 0pt)\n#rect(width: 50%, height: 50%, fill: red)"
    made = typst.Compiler().compile(sheet.encode(), format="png", ppi=72)
    assert isinstance(made, bytes)
    return made
