"""The papers that are signed when cash changes hands."""
from __future__ import annotations

import shutil

import pytest

from ispbill.billing.cash.deposits import service as deposits
from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.billing.documents.test_files import text_of
from tests.make.browsers import Browser, signed_in
from tests.make.drawers import counted, manager, opened, person, taken, taken_over

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext of poppler-utils is missing")


def paper(browser: Browser, path: str) -> str:
    """The text of a paper of the cash desk."""
    answer = browser.get(path)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    return text_of(answer.data)


def test_who_hands_a_counted_drawer_over_and_who_takes_it_sign_one_sheet(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, browser = person("Ana Cruz"), signed_in(app, tenant)
    drawer = opened(ana)
    taken(ana, 150_000)
    path = f"/cash/drawers/{drawer}/sheet.pdf"
    assert browser.get(path).status_code == 404, "what should be there is not told before the count"
    counted(ana, drawer, p1000=1, p100=4)
    text = paper(browser, path)
    for part in ("Turn-over", "Ana Cruz", "CR-000001", "Payments (1)", "Should be there", "₱1,500.00",
                 "₱1,400.00, ₱100.00 short", "Handed over by", "Taken over by", "Page 1 of 1"):
        assert part in text, part
    taken_over(manager(), drawer, reason="Wrong change")
    text = paper(browser, path)
    assert "Mona" in text and "What explains the difference: Wrong change" in text
    assert "₱1,400.00, ₱100.00 short" in text and "−₱1,400.00" not in text, "the sheet still says what was found"


def test_a_deposit_slip_lists_the_notes(app: IspbillFlask, tenant: TenantRef) -> None:
    taken(person("Ana Cruz"), 150_000)
    browser = signed_in(app, tenant)
    slip = {"amount": "1500", "bank": "BDO savings 0012", "reference": "S/1", "deposited_on": "2026-03-10",
            "pieces_100000": "1", "pieces_50000": "1"}
    assert "do not come to the amount" in browser.post("/cash/deposits/record", slip | {"pieces_50000": "2"}).text
    assert browser.post("/cash/deposits/record", slip).status_code == 302
    text = paper(browser, "/cash/deposits/1/slip.pdf")
    for part in ("Deposit slip", "BDO savings 0012", "S/1", "₱1,500.00 in cash", "₱1,000.00", "For the bank"):
        assert part in text, part
    assert browser.post("/cash/deposits/1/cancel", {"reason": "Never arrived"}).status_code == 302
    assert "This deposit was cancelled on 10 March 2026: Never arrived" in paper(browser, "/cash/deposits/1/slip.pdf")


def test_a_slip_without_pieces_says_the_amount_alone(app: IspbillFlask, tenant: TenantRef) -> None:
    taken(person("Ana Cruz"), 150_000)
    with unit_of_work():
        row = deposits.deposit(deposits.DepositFacts(150_000, "BDO", "S-1"))
    text = paper(signed_in(app, tenant), f"/cash/deposits/{row.id}/slip.pdf")
    assert "₱1,500.00" in text and "Note or coin" not in text
