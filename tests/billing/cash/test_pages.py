"""The pages of the cash desk: a day of a cashier, what others see, what is refused."""
from __future__ import annotations

import re

import pytest

from ispbill.config import Settings
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.web.requests import IspbillFlask
from tests.make import bills, recycling
from tests.make.browsers import Browser, colleague
from tests.make.corrections import findings
from tests.make.drawers import office

DESK = {"open_cash_session", "close_cash_session", "record_payment", "view_payment_list"}


def at_desk(app: IspbillFlask, tenant: TenantRef, name: str, *more: str) -> Browser:
    """Somebody who holds a drawer, signs for the office and takes payments."""
    return hired(app, tenant, name, {*DESK, *more})


def hired(app: IspbillFlask, tenant: TenantRef, name: str, permissions: set[str]) -> Browser:
    """Somebody of this name with these rights, signed in."""
    email = f"{name.lower()}@example.com"
    colleague(email, permissions=permissions)
    browser = Browser(app, tenant)
    browser.sign_in(email)
    return browser


def cash_paid(browser: Browser, amount: str) -> None:
    """A customer pays a cashier in cash."""
    customer = bills.unbillable()
    assert browser.post(f"/payments/record/{customer}", {"amount": amount, "method": "cash"}).status_code == 302


def drawer_of(browser: Browser) -> str:
    """The address of somebody's own drawer."""
    found = re.search(r'href="(/cash/drawers/\d+)"', browser.get("/cash").text)
    assert found
    return found.group(1)


def written(page: str) -> str:
    """What the page says that the written pieces come to."""
    found = re.search(r'<p id="written"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert found
    return re.sub(r" +", " ", re.sub(r"<[^>]*>", " ", found.group(1))).strip()


def test_a_cashier_s_day_from_the_first_cash_to_the_bank(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, ben = at_desk(app, tenant, "Ana"), at_desk(app, tenant, "Ben")
    assert "No drawer yet" in ana.get("/cash").text
    assert ana.post("/cash/open", {"float_amount": ""}).status_code == 302
    cash_paid(ana, "1500")
    own = drawer_of(ana)
    page = ana.get(own).text
    assert "₱1,500.00" in page and "CR-000001" in page
    assert ana.post(f"{own}/count", {"pieces_100000": "1", "pieces_50000": "1"}).status_code == 302
    assert "waits for the person" in ana.get(own).text
    assert "Another person" in ana.post(f"{own}/take-over", {"place": "office"}).text
    assert ben.post(f"{own}/take-over", {"place": "office"}).status_code == 302
    slip = {"amount": "1000", "bank": "BDO", "reference": "S-1", "deposited_on": "2026-03-10"}
    assert ben.post("/cash/deposits/record", slip).status_code == 302
    assert "S-1" in ben.get("/cash/deposits").text
    assert 'value="BDO"' in ben.get("/cash/deposits/record").text, "most go to the same bank"
    assert office() == 50_000 and findings() == {}


def test_who_takes_a_drawer_over_finds_it_and_prints_its_sheet_afterwards(app: IspbillFlask, tenant: TenantRef) -> None:
    rodel, ana = hired(app, tenant, "Rodel", {"open_cash_session", "record_payment"}), at_desk(app, tenant, "Ana")
    rodel.post("/cash/open", {"float_amount": ""})
    cash_paid(rodel, "1500")
    own = drawer_of(rodel)
    assert "Counted, to be taken over" not in ana.get("/cash").text
    rodel.post(f"{own}/count", {"pieces_100000": "1", "pieces_50000": "1"})
    assert "Counted, to be taken over" in ana.get("/cash").text and f"{own}/take-over" in ana.get("/cash").text
    assert "Counted, to be taken over" not in rodel.get("/cash").text
    answer = ana.post(f"{own}/take-over", {"place": "office"})
    assert "Taken over" in ana.get(answer.location).text and ana.get(f"{own}/sheet.pdf").status_code == 200
    assert at_desk(app, tenant, "Ben").get(own).status_code == 404


def test_a_hand_over_is_signed_on_the_drawer_s_own_page_too(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, ben = at_desk(app, tenant, "Ana"), at_desk(app, tenant, "Ben", "view_all_cash_sessions")
    cash_paid(ben, "3000")
    ana.post("/cash/open", {"float_amount": "2000"})
    own = drawer_of(ana)
    signing = re.compile(r"/cash/handovers/\d+/sign\b")
    assert signing.search(ben.get(own).text) and not signing.search(ana.get(own).text)


def test_a_float_is_signed_by_the_office(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, ben = at_desk(app, tenant, "Ana"), at_desk(app, tenant, "Ben")
    cash_paid(ben, "3000")
    ana.post("/cash/open", {"float_amount": "2000"})
    assert "Not signed by both yet" in ana.get(drawer_of(ana)).text
    page = ben.get("/cash").text
    assert "Waiting for your signature" in page
    link = re.search(r'href="(/cash/handovers/\d+/sign)"', page)
    assert link and "have taken ₱2,000.00" in ben.get(link.group(1)).text
    assert ben.post(link.group(1)).status_code == 302
    assert "₱2,000.00" in ana.get(drawer_of(ana)).text and office() == 100_000


def test_cash_is_turned_over_from_one_s_own_drawer(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, ben = at_desk(app, tenant, "Ana"), at_desk(app, tenant, "Ben")
    rodel = hired(app, tenant, "Rodel", {"open_cash_session"})
    assert "Nobody holds an open drawer" in rodel.get("/cash/hand-over").text
    ana.post("/cash/open", {})
    cash_paid(ana, "900")
    assert "My drawer to the office" in ana.get("/cash/hand-over").text
    too_much = ana.post("/cash/hand-over", {"way": "own-office", "amount": "901"})
    assert too_much.status_code == 422 and "does not hold that much" in too_much.text
    assert ana.post("/cash/hand-over", {"way": "own-office", "amount": "900"}).status_code == 302
    link = re.search(r'href="(/cash/handovers/\d+)/withdraw"', ana.get(drawer_of(ana)).text)
    assert link and ana.post(f"{link.group(1)}/withdraw").status_code == 302
    assert ben.post(f"{link.group(1)}/sign").status_code == 422


def test_another_s_drawer_is_not_there_until_it_waits_to_be_taken_over(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, ben = at_desk(app, tenant, "Ana"), at_desk(app, tenant, "Ben")
    rodel = hired(app, tenant, "Rodel", {"open_cash_session"})
    mona = at_desk(app, tenant, "Mona", "view_all_cash_sessions")
    ana.post("/cash/open", {})
    own = drawer_of(ana)
    assert ben.get(own).status_code == 404 and mona.get(own).status_code == 200
    ana.post(f"{own}/count", {})
    assert ben.get(own).status_code == 200 and rodel.get(own).status_code == 404
    assert own in ben.get("/cash").text and own not in rodel.get("/cash").text
    assert rodel.get("/cash/deposits").status_code == 403 and rodel.get(f"{own}/take-over").status_code == 403


def test_a_difference_is_explained_by_who_may_accept_it(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, ben = at_desk(app, tenant, "Ana"), at_desk(app, tenant, "Ben")
    mona = at_desk(app, tenant, "Mona", "approve_cash_variance", "view_all_cash_sessions")
    ana.post("/cash/open", {})
    cash_paid(ana, "100")
    own = drawer_of(ana)
    ana.post(f"{own}/count", {"pieces_5000": "1"})
    assert "Somebody with the right to accept it" in ben.get(f"{own}/take-over").text
    assert "explains the difference" in mona.post(f"{own}/take-over", {"place": "office", "reason": ""}).text
    assert mona.post(f"{own}/take-over", {"place": "office", "reason": "Wrong change"}).status_code == 302
    page = mona.get(own).text
    assert "₱50.00 short" in page and "Wrong change" in page
    assert "Wrong change" in mona.get("/cash/export").text


def test_the_rules_are_the_company_s(app: IspbillFlask, tenant: TenantRef) -> None:
    owner, ana = at_desk(app, tenant, "Olivia", "change_settings"), at_desk(app, tenant, "Ana")
    assert owner.post("/cash/rules", {"cash_needs_drawer": "y"}).status_code == 302
    refused = ana.post(f"/payments/record/{bills.unbillable()}", {"amount": "10", "method": "cash"})
    assert refused.status_code == 422 and "Open your cash drawer first" in refused.text


def test_a_count_adds_up_what_is_written_so_far_and_stays_blind(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = at_desk(app, tenant, "Ana")
    ana.post("/cash/open", {})
    cash_paid(ana, "1234.25")
    count = f"{drawer_of(ana)}/count"
    assert written(ana.get(count).text) == ""
    page = ana.get(f"{count}?pieces_100000=1&pieces_25=3&pieces_1=").text
    assert written(page) == "Written so far ₱1,000.75" and "1,234" not in page
    for nonsense in ("x", "-1", "1.5", "1000001", "9" * 5000):
        assert written(ana.get(count, query_string={"pieces_100000": nonsense, "pieces_25": "3"}).text) == ""
    refused = ana.post(count, {"pieces_100000": "1", "pieces_25": "-1"})
    assert refused.status_code == 422 and written(refused.text) == ""
    assert "counted" not in ana.get(drawer_of(ana)).text, "asking what it comes to counts nothing"


@pytest.mark.parametrize(("currency", "face", "said"), [("JPY", 5_000, "¥15,000"), ("KWD", 500, "KWD 1.500")])
def test_a_count_adds_up_in_the_company_s_currency(
    app: IspbillFlask, settings: Settings, currency: str, face: int, said: str
) -> None:
    with bound(recycling.company(settings, currency=currency, timezone="Asia/Tokyo"), SYSTEM):
        ana = at_desk(app, current.tenant, "Ana")
        ana.post("/cash/open", {})
        page = ana.get(f"{drawer_of(ana)}/count?pieces_{face}=3").text
    assert written(page).replace("\xa0", " ") == f"Written so far {said}"


def test_the_pieces_of_a_deposit_are_added_up(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = at_desk(app, tenant, "Ana")
    cash_paid(ana, "1000")
    assert written(ana.get("/cash/deposits/record").text) == ""
    assert written(ana.get("/cash/deposits/record?pieces_50000=1").text) == "Written so far ₱500.00"
    slip = {"amount": "1000", "bank": "BDO", "reference": "S-1", "deposited_on": "2026-03-10", "pieces_50000": "1"}
    refused = ana.post("/cash/deposits/record", slip)
    assert "do not come to the amount" in refused.text and written(refused.text) == "Written so far ₱500.00"


def test_cash_that_waits_for_a_signature_is_refused_by_name(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = at_desk(app, tenant, "Ana")
    ana.post("/cash/open", {})
    cash_paid(ana, "900")
    ana.post("/cash/hand-over", {"way": "own-office", "amount": "600"})
    refused = ana.post("/cash/hand-over", {"way": "own-office", "amount": "301"})
    assert refused.status_code == 422 and "already: ₱600.00 to the office. Have that signed" in refused.text


def test_a_slip_is_cancelled_with_a_reason(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = at_desk(app, tenant, "Ana")
    cash_paid(ana, "1000")
    slip = {"amount": "1000", "bank": "BDO", "reference": "S-1", "deposited_on": "2026-03-10"}
    ana.post("/cash/deposits/record", slip)
    link = re.search(r'href="(/cash/deposits/\d+/cancel)"', ana.get("/cash/deposits").text)
    assert link and ana.post(link.group(1), {"reason": "Never had it"}).status_code == 302
    assert "Never had it" in ana.get("/cash/deposits").text and "S-1" in ana.get("/cash/deposits/export").text
    assert office() == 100_000


def test_change_is_brought_in_for_floats(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, rodel = at_desk(app, tenant, "Ana"), hired(app, tenant, "Rodel", {"open_cash_session"})
    assert "/cash/intakes" in ana.get("/cash").text and "/cash/intakes" not in rodel.get("/cash").text
    assert rodel.get("/cash/intakes").status_code == 403 and rodel.post("/cash/intakes/record").status_code == 403
    assert "No cash brought in yet" in ana.get("/cash/intakes").text
    slip = {"amount": "2000", "origin": "bank", "reference": "", "came_on": "2026-03-10", "note": "Coins"}
    refused = ana.post("/cash/intakes/record", slip)
    assert refused.status_code == 422 and "withdrawal slip" in refused.text
    assert ana.post("/cash/intakes/record", {**slip, "reference": "W-1"}).status_code == 302
    again = ana.post("/cash/intakes/record", {**slip, "reference": "W-1", "note": ""})
    assert again.status_code == 422 and "This slip is recorded already." in again.text
    assert ana.post("/cash/intakes/record", {**slip, "origin": "owner", "note": "My own"}).status_code == 302
    assert office() == 400_000
    page = ana.get("/cash/intakes").text
    assert "W-1" in page and "My own" in page and "₱4,000.00" in page
    assert "W-1" not in ana.get("/cash/intakes?origin=owner").text
    assert "My own" not in ana.get("/cash/intakes?q=W-1").text
    assert "2026-03-10,bank,W-1,2000.00,PHP,recorded" in ana.get("/cash/intakes/export").text
    link = re.search(r'href="(/cash/intakes/\d+/cancel)"', ana.get("/cash/intakes?q=W-1").text)
    assert link and ana.post(link.group(1), {"reason": "Never drawn"}).status_code == 302
    assert "Never drawn" in ana.get("/cash/intakes").text and office() == 200_000 and findings() == {}
