"""The pages of tickets, through the test client."""
from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event

from ispbill.billing.runs import jobs as runs
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.support.desk import service as desk
from ispbill.support.tickets import queries
from ispbill.support.tickets import service as tickets
from tests.make import offers, people, plants, support
from tests.make.browsers import Browser, signed_in

REPORT = {"subject": "No light since noon", "priority": "high", "source": "phone", "description": "Red lamp"}


def opened(subject: str = "No light", **facts: object) -> int:
    with unit_of_work():
        return support.ticket(subject, **facts).id


def test_a_ticket_is_opened_from_the_page_of_a_customer_and_found(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz", phone="0917 123 4567").id
        category = support.category("Router")
    browser = signed_in(app, tenant)
    assert f'href="/tickets/open/{ana}"' in browser.get(f"/customers/{ana}").text
    assert "Ana Cruz" in browser.get("/tickets/open?q=0917123").text
    answer = browser.post(f"/tickets/open/{ana}", {**REPORT, "category_id": category})
    assert answer.status_code == 302
    page = browser.get(answer.headers["Location"]).text
    for words in ("TKT-2026-0001", "No light since noon", "Red lamp", "Ana Cruz", "2 h left", "1 d left", "Router"):
        assert words in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)), "a page with two forms uses no id twice"
    assert "TKT-2026-0001" in browser.get(f"/customers/{ana}").text
    assert "an unresolved ticket" in browser.get(f"/tickets/open/{ana}").text
    for term in ("tkt-2026-1", "light", "ana", "0917123"):
        assert "TKT-2026-0001" in browser.get(f"/tickets?q={term}").text
        assert browser.get(f"/search?q={term}").status_code in (200, 302)
    assert browser.get("/search?q=TKT-2026-0001").headers["Location"] == answer.headers["Location"]


def test_an_empty_tab_says_what_would_stand_there(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for query, words in {"?status=unresolved": "Nothing is unresolved",
                         "?status=unresolved&assignee=me": "No ticket is yours",
                         "?status=unresolved&assignee=nobody": "Every ticket has somebody",
                         "?status=unresolved&late=yes": "No ticket is late"}.items():
        page = browser.get(f"/tickets{query}").text
        assert words in page and "Nothing matches" not in page, query


def test_what_waits_is_listed_by_the_time_left(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        support.ticket("Soon", priority="urgent")
        support.ticket("Later", priority="low")
    browser = signed_in(app, tenant)
    for page in ("/tickets", "/tickets/board"):
        sought = r'href="(/tickets\?(?:status=unresolved&amp;sort=due|sort=due&amp;status=unresolved))"'
        (address,) = re.findall(sought, browser.get(page).text)
        listed = browser.get(html.unescape(address)).text
        assert listed.index("Soon") < listed.index("Later")


@pytest.mark.parametrize(("field", "value", "words"), [
    ("subject", "", "Say in a few words"), ("subject", "x" * 300, "200"), ("category_id", "", "Choose a category"),
    ("category_id", "987654", "Choose one of the list"), ("priority", "panic", "Choose one of the list"),
    ("assignee_id", "987654", "Choose one of the list"), ("contact", "x" * 300, "200"),
])
def test_what_is_wrong_is_told_beside_its_field(
    app: Flask, tenant: TenantRef, field: str, value: str, words: str
) -> None:
    with unit_of_work():
        category = support.category()
    answer = signed_in(app, tenant).post("/tickets/open/other", {**REPORT, "category_id": category, field: value})
    assert answer.status_code == 422 and words in answer.text and "aria-invalid" in answer.text
    with unit_of_work():
        assert support.ticket().number == "TKT-2026-0001", "the refused form took no number"


def test_a_ticket_is_worked_on_by_its_buttons(app: Flask, tenant: TenantRef) -> None:
    ticket, browser = opened(), signed_in(app, tenant)
    for path, form, words in (
        ("start", {"reason": ""}, "In progress"), ("put-back", {"reason": ""}, "Open"),
        ("wait", {"reason": "Nobody home"}, "Nobody home"),
        ("start", {"reason": ""}, "In progress"), ("resolve", {"reason": "New cable"}, "New cable"),
        ("close", {"reason": ""}, "Closed"), ("reopen", {"reason": "Dark again"}, "Dark again"),
        ("remove", {"reason": "Opened in error"}, "Opened in error"),
    ):
        assert browser.get(f"/tickets/{ticket}/{path}").status_code == 200
        assert browser.post(f"/tickets/{ticket}/{path}", form).status_code == 302, path
        assert words in browser.get(f"/tickets/{ticket}").text, path
    assert browser.post(f"/tickets/{ticket}/start", {"reason": ""}).status_code == 422


def test_the_board_shows_each_ticket_once_and_leads_back(app: Flask, tenant: TenantRef) -> None:
    first, second = opened("Dark street"), opened("Slow at night")
    browser = signed_in(app, tenant)
    answer = browser.post(f"/tickets/{first}/start?back=board", {"reason": ""})
    assert answer.headers["Location"] == "/tickets/board"
    page = browser.get("/tickets/board").text
    assert page.count("Dark street") == page.count("Slow at night") == 1
    assert f'href="/tickets/{second}/start?back=board"' in page
    assert f'href="/tickets/{first}/put-back?back=board"' in page
    assert "Dark street" not in browser.get("/tickets/board?q=slow").text


def test_the_board_shows_of_what_is_resolved_the_newest_and_leads_to_all(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        for number in range(10):
            tickets.resolve(support.ticket(f"Done {number}!"), reason="Done")
    page = signed_in(app, tenant).get("/tickets/board").text
    assert sum(f"Done {number}!" in page for number in range(10)) == 8 and "All 10" in page


def test_the_list_says_what_is_left_until_the_next_target(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        support.ticket("Late", priority="urgent")
        answered, standing, done = (support.ticket(subject, priority="urgent") for subject in ("Two", "Three", "Four"))
    with at(current.now() + timedelta(hours=3)), unit_of_work():
        tickets.start(queries.get(answered.id))
        tickets.wait(queries.get(standing.id))
        tickets.resolve(queries.get(done.id), reason="Done")
    with at(current.now() + timedelta(hours=3)):
        page = signed_in(app, tenant).get("/tickets?sort=due").text
    cells = re.findall(r'data-label="Time left".*?</td>', page, re.S)
    says = [" ".join(re.sub(r"<[^>]*>", " ", cell.partition(">")[2]).split()) for cell in cells]
    assert says == ["Late by 2 h", "1 h left Missed a target", "Clock stands Missed a target", "Missed"]


def test_views_and_filters_narrow_the_list(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        me = queries.assignees()[0][0]
        mine = support.ticket("Mine alone", assignee_id=me, priority="urgent", category_id=support.category("Billing"))
        support.ticket("Nobody's child")
        tickets.resolve(support.ticket("Long done"), reason="Done")
        billing = mine.category_id

    def shown(query: str) -> set[str]:
        page = browser.get(f"/tickets{query}").text
        return {subject for subject in ("Mine alone", nobodys, "Long done") if subject in page}

    nobodys = "Nobody&#39;s child"
    assert shown("") == {"Mine alone", nobodys, "Long done"}
    assert shown("?status=unresolved") == {"Mine alone", nobodys}
    assert shown("?assignee=me") == shown(f"?assignee={me}") == {"Mine alone"} == shown(f"?category={billing}")
    assert shown("?status=unresolved&assignee=nobody") == {nobodys}
    assert shown("?priority=urgent") == {"Mine alone"} and shown("?late=yes") == set()
    assert shown("?since=2026-03-10&until=2026-03-10") == {"Mine alone", nobodys, "Long done"}
    assert shown("?since=2026-03-11") == shown("?until=2026-03-09") == shown("?status=removed") == set()


@pytest.mark.parametrize("query", [
    "cursor=nonsense", "cursor=WyJuIiwgMV0", "sort=password", "status=none&priority=x", "assignee=x&category=y",
    "until=9999-12-31", "since=0001-01-01", "q=%00", "assignee=99999999999999999999", "customer=999999999999999999",
    "sort=-due",
])
def test_a_strange_address_is_answered_calmly(app: Flask, tenant: TenantRef, query: str) -> None:
    opened()
    browser = signed_in(app, tenant)
    assert browser.get(f"/tickets?{query}").status_code in (200, 422)
    assert browser.get(f"/tickets/board?{query}").status_code == 200


def test_what_is_written_is_shown_with_who_reads_it(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz", email="ana@example.com")
        ticket = support.ticket(customer=ana).id
        answer = desk.add_answer("Restart", body="Please switch the router off and on.").id
    browser = signed_in(app, tenant)
    page = browser.get(f"/tickets/{ticket}?answer={answer}").text
    assert "Please switch the router off and on.</textarea>" in page and "Sent to ana@example.com" in page
    browser.post(f"/tickets/{ticket}/comment", {"body": "Lazy lamp", "readers": "staff"})
    browser.post(f"/tickets/{ticket}/comment", {"body": "We come at two", "readers": "customer"})
    page = browser.get(f"/tickets/{ticket}").text
    assert "Staff only" in page and "To the customer" in page and page.index("Lazy lamp") < page.index("We come at two")
    refused = browser.post(f"/tickets/{ticket}/comment", {"body": " ", "readers": "staff"})
    assert refused.status_code == 422 and "Write something." in refused.text
    assert browser.get(f"/tickets/{ticket}/comment").status_code == 405


def test_a_file_is_attached_and_sent_back_as_a_download(app: Flask, tenant: TenantRef) -> None:
    ticket, browser = opened(), signed_in(app, tenant)
    answer = browser.post(f"/tickets/{ticket}/files", {"file": (io.BytesIO(b"%PDF-1.7 x"), "cable.pdf")})
    assert answer.status_code == 302
    with unit_of_work():
        attachment = queries.attachments(ticket)[0].id
    assert f"/tickets/files/{attachment}" in browser.get(f"/tickets/{ticket}").text
    sent = browser.get(f"/tickets/files/{attachment}")
    assert sent.data == b"%PDF-1.7 x" and sent.headers["Content-Disposition"].startswith("attachment")
    refused = browser.post(f"/tickets/{ticket}/files", {"file": (io.BytesIO(b"MZ\x90\x00"), "cable.pdf")})
    assert refused.status_code == 422 and "Choose a file of one of these kinds" in refused.text
    assert browser.get("/tickets/files/987654").status_code == 404


def test_who_drives_there_is_told_where_it_is(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer(
            "Ana", street="7 Rizal", area_id=people.area("Cavite", "Imus", "Anabu").id, landmark="green gate",
            latitude=Decimal("14.5"), longitude=Decimal("121"))
        ticket = support.ticket(customer=ana).id
    technician = signed_in(app, tenant, permissions=["view_ticket_list"])
    page = technician.get(f"/tickets/{ticket}").text
    assert "7 Rizal, Anabu, Imus, Cavite" in page and "green gate" in page and "openstreetmap.org/?mlat=14.5" in page
    assert "/network/map" not in page
    assert "/network/map?latitude=14.5" in signed_in(app, tenant).get(f"/tickets/{ticket}").text


def test_a_ticket_is_assigned_changed_and_merged(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz")
        account, ticket, kept = ana.account_number, support.ticket("Dark").id, support.ticket("No light", customer=ana)
        number, category = kept.number, support.category("Billing")
    browser = signed_in(app, tenant)
    with unit_of_work():
        me = queries.assignees()[0][0]
    assert browser.post(f"/tickets/{ticket}/assign", {"assignee_id": me}).status_code == 302
    refused = browser.post(f"/tickets/{ticket}/change", {**REPORT, "category_id": category, "account_number": "AC-999"})
    assert refused.status_code == 422 and "No customer has this account number." in refused.text
    changed = browser.post(f"/tickets/{ticket}/change", {**REPORT, "category_id": category, "account_number": account})
    assert changed.status_code == 302
    page = browser.get(f"/tickets/{ticket}").text
    assert "No light since noon" in page and "Ana Cruz" in page and "Olivia Owner" in page and "Billing" in page
    assert number in browser.get(f"/tickets/{ticket}/merge").text
    for wrong, words in (("TKT-1999-1", "No ticket has this number."), ("", "Enter the number")):
        refused = browser.post(f"/tickets/{ticket}/merge", {"into": wrong})
        assert refused.status_code == 422 and words in refused.text
    assert browser.post(f"/tickets/{ticket}/merge", {"into": number.lower()}).status_code == 302
    page = browser.get(f"/tickets/{ticket}").text
    assert "This is a duplicate" in page and number in page and "Write comment" not in page


def test_an_export_holds_what_the_filters_show_and_no_formula(app: Flask, tenant: TenantRef) -> None:
    opened("=cmd()", priority="low")
    opened("Other")
    file = signed_in(app, tenant).get("/tickets/export?priority=low").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert [(row["number"], row["subject"], row["opened_at"]) for row in rows] == [
        ("TKT-2026-0001", "'=cmd()", "2026-03-10T12:00:00+08:00"),
    ]


def test_the_board_as_a_file_has_what_its_columns_have(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        tickets.resolve(support.ticket("Mended"), reason="New cable")
        tickets.remove(support.ticket("Mistaken"), reason="Twice")
    opened("Still dark")
    file = signed_in(app, tenant).get("/tickets/board/export").data.decode("utf-8-sig")
    assert [row["subject"] for row in csv.DictReader(io.StringIO(file))] == ["Still dark", "Mended"]


def test_a_technician_moves_and_writes_but_neither_opens_nor_removes(app: Flask, tenant: TenantRef) -> None:
    ticket = opened()
    browser = signed_in(app, tenant, permissions=["view_ticket_list", "change_ticket_status", "add_ticket_comment"])
    page = browser.get(f"/tickets/{ticket}").text
    assert "Start" in page and "Write comment" in page and f"/tickets/{ticket}/remove" not in page
    assert browser.post(f"/tickets/{ticket}/start", {"reason": ""}).status_code == 302
    for path in ("remove", "assign", "merge", "change"):
        assert browser.get(f"/tickets/{ticket}/{path}").status_code == 403
    assert browser.get("/tickets/open").status_code == browser.get("/tickets/export").status_code == 403
    assert "Open ticket" not in browser.get("/tickets").text


def test_an_unknown_ticket_is_not_found(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for path in ("", "/start", "/merge", "/change", "/assign", "/remove"):
        assert browser.get(f"/tickets/987654{path}").status_code == 404
    assert browser.get("/tickets/open/987654").status_code == 404


def test_empty_states_say_what_to_do(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "No tickets yet" in browser.get("/tickets").text
    assert "Nothing here" in browser.get("/tickets/board").text
    assert "Who is calling?" in browser.get("/tickets/open").text


def test_several_tickets_of_one_nap_are_pointed_out(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana, ben = people.register_customer("Ana"), people.register_customer("Ben")
        box = plants.nap(code="NAP-7")
        for number, customer in enumerate((ana, ben), start=1):
            plants.connect(offers.installation(customer), box, number)
        first = support.ticket("Dark street", customer=ana)
        box_id, ben_id, first_id = box.id, ben.id, first.id
    browser = signed_in(app, tenant)
    assert "Another unresolved ticket at the same NAP, NAP-7" in browser.get(f"/tickets/open/{ben_id}").text
    assert "at the same NAP" not in browser.get(f"/tickets/{first_id}").text
    second = opened("No light", customer=None, nap_id=box_id)
    assert "Another unresolved ticket at the same NAP" in browser.get(f"/tickets/{first_id}").text
    assert "Dark street" in browser.get(f"/lcp/naps/{box_id}").text
    page = browser.get(f"/tickets?nap={box_id}&status=unresolved").text
    assert "Dark street" in page and "No light" in page
    form = {**REPORT, "category_id": first.category_id}
    refused = browser.post(f"/tickets/{second}/change", {**form, "nap_code": "NAP-99"})
    assert refused.status_code == 422 and "No NAP has this code." in refused.text
    assert browser.post(f"/tickets/{second}/change", {**form, "nap_code": "nap-7"}).status_code == 302
    assert "NAP-7" in browser.get(f"/tickets/{second}").text


def test_the_dashboard_counts_tickets_for_who_may_see_them(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        offers.subscribe()
    runs.bill_now(current.today())
    opened()
    assert "Unassigned tickets" in signed_in(app, tenant).get("/dashboard").text
    assert "Unassigned tickets" not in signed_in(app, tenant, permissions=["view_dashboard"]).get("/dashboard").text


def test_no_page_asks_more_of_the_database_for_more_rows(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana")
        kept = support.ticket("Kept", customer=ana).id
    browser = signed_in(app, tenant)
    paths = ("/tickets", "/tickets/board", f"/tickets/{kept}", "/tickets/export", "/tickets?q=ana")
    few = {path: statements(browser, path) for path in paths}
    with unit_of_work():
        for number in range(8):
            ticket = support.ticket(f"More {number}", customer=ana)
            tickets.comment(ticket, text="Word", is_public=False)
            tickets.attach(ticket, content=b"Text", name="a.txt")
            if number % 2:
                tickets.merge(ticket, into=queries.get(kept))
    assert {path: statements(browser, path) for path in paths} == few


def statements(browser: Browser, path: str) -> int:
    """How many statements a page sends to the database."""
    sent: list[str] = []
    def note(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(sent)
