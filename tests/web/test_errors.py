"""What the web refuses by itself is said in words that a cashier understands, in the language of the company."""
from __future__ import annotations

import pytest

from ispbill.core.current import TenantRef
from ispbill.web.requests import IspbillFlask
from tests.make.browsers import signed_in


def test_an_address_that_is_only_sent_to_says_what_to_do(app: IspbillFlask, tenant: TenantRef) -> None:
    answer = signed_in(app, tenant).get("/dashboard/first-steps/hide")
    assert answer.status_code == 405
    assert "Not possible this way" in answer.text and "Method" not in answer.text


def test_a_slash_behind_the_address_of_a_page_does_no_harm(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert browser.get("/customers/?q=ana").headers["Location"] == "/customers?q=ana"
    assert browser.get("/reports/daily-collection/").headers["Location"] == "/reports/daily-collection"
    assert browser.get("/nowhere/").status_code == 404
    assert browser.get("/customers/987/").headers["Location"] == "/customers/987"
    assert not browser.get("//customers/").headers["Location"].startswith("//")
    assert browser.get("/portal/a%0d%0aSet-Cookie:b/").headers["Location"] == "/portal/a%0D%0ASet-Cookie%3Ab"


def test_a_file_that_is_too_large_is_refused_with_the_size_that_is_not(
    app: IspbillFlask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(app, tenant)
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100)
    answer = browser.post("/profile", {"name": "x" * 200})
    assert answer.status_code == 413
    assert "at most 32 MB" in answer.text and "capacity" not in answer.text


def test_an_amount_below_zero_is_refused_beside_its_currency(app: IspbillFlask, tenant: TenantRef) -> None:
    answer = signed_in(app, tenant).post("/settings/billing", {"cash_step_minor": "-1"})
    assert answer.status_code == 422
    assert "Enter an amount of zero or more." in answer.text and '<span class="label">PHP</span>' in answer.text
