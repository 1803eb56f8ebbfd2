"""Reports by e-mail: once for each day they are due, about days that are over, only to who may read them."""
from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ispbill import schedule as clockwork
from ispbill.accounts.roles import service as roles
from ispbill.core.current import TenantRef, at
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.spreadsheets import MIME_TYPE
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications import service as messages
from ispbill.notifications.models import Message
from ispbill.reports.schedules import jobs, policy
from ispbill.reports.schedules import service as schedules
from ispbill.reports.schedules.models import ReportSchedule, ReportSending
from ispbill.web.requests import IspbillFlask
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, people
from tests.make.browsers import Browser, colleague, owner, signed_in
from tests.notifications.conftest import Mailbox

READER = ["view_daily_collection_report"]


def begun(report: str = "daily-collection", rhythm: str = "daily", **facts: Any) -> int:
    """The owner gets a report from now on; the schedule's id."""
    owner_id = owner().id
    with unit_of_work():
        return schedules.begin(report, rhythm=rhythm, user_id=owner_id, **facts).id


def sent(on: datetime = NOON_IN_MANILA + timedelta(days=1)) -> list[tuple[date, date, date, str]]:
    """Send what is due at an instant, twice; everything that was ever sent."""
    with at(on):
        for _ in range(2):
            with unit_of_work():
                jobs.send_due()
    with unit_of_work():
        rows = db.session.scalars(select(ReportSending).order_by(ReportSending.id)).all()
        return [(row.due_on, row.since, row.until, row.outcome) for row in rows]


def letters() -> list[Message]:
    """The messages that carry a report."""
    with unit_of_work():
        return list(db.session.scalars(select(Message).where(Message.template == "report").order_by(Message.id)))


@pytest.mark.parametrize(("rhythm", "today", "due", "following", "days"), [
    ("daily", date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 2), (date(2026, 2, 28), date(2026, 2, 28))),
    ("weekly", date(2026, 3, 10), date(2026, 3, 9), date(2026, 3, 16), (date(2026, 3, 2), date(2026, 3, 8))),
    ("weekly", date(2026, 3, 9), date(2026, 3, 9), date(2026, 3, 16), (date(2026, 3, 2), date(2026, 3, 8))),
    ("monthly", date(2026, 3, 31), date(2026, 3, 1), date(2026, 4, 1), (date(2026, 2, 1), date(2026, 2, 28))),
    ("monthly", date(2026, 1, 1), date(2026, 1, 1), date(2026, 2, 1), (date(2025, 12, 1), date(2025, 12, 31))),
])
def test_a_report_is_due_after_the_days_that_it_is_about(
    rhythm: str, today: date, due: date, following: date, days: tuple[date, date]
) -> None:
    assert policy.due_on(rhythm, today) == due and policy.next_due_on(rhythm, today) == following
    assert policy.days_covered(rhythm, due) == days


def test_a_daily_report_is_sent_once_a_day_with_the_figures_of_the_day_before(tenant: TenantRef) -> None:
    begun()
    bills.paid(bills.billed().customer_id, 70_000)
    assert sent(NOON_IN_MANILA) == [], "the day is not over"
    eleventh, tenth = date(2026, 3, 11), date(2026, 3, 10)
    assert sent() == [(eleventh, tenth, tenth, "queued")]
    (letter,) = letters()
    assert letter.subject == "Daily collection: 10 Mar 2026 to 10 Mar 2026"
    assert "₱" not in letter.body.replace("difference ₱0.00", ""), "who may read the log learns no figure"
    assert f"/reports/daily-collection?since={tenth}&until={tenth}" in letter.body


@pytest.mark.parametrize(("file_format", "begins", "kind"), [
    ("csv", b"\xef\xbb\xbfDay,", "text/csv"), ("xlsx", b"PK", MIME_TYPE), ("pdf", b"%PDF-", "application/pdf"),
])
def test_the_letter_carries_figures_table_and_file(
    tenant: TenantRef, mailbox: Mailbox, file_format: str, begins: bytes, kind: str
) -> None:
    begun(file_format=file_format)
    bills.paid(bills.billed().customer_id, 70_000)
    sent()
    (letter,) = letters()
    with at(NOON_IN_MANILA + timedelta(days=1)), unit_of_work():
        assert messages.deliver(letter.id)
    (post,) = mailbox.letters
    text, file = post.iter_parts()
    assert "Collected: ₱700.00" in text.get_content() and "Whole period" in text.get_content()
    assert (file.get_content_type(), file.get_filename()) == (kind, f"daily-collection-2026-03-10.{file_format}")
    assert file.get_payload(decode=True).startswith(begins)


def test_a_report_of_one_area_is_sent_of_that_area_and_not_where_there_is_none(tenant: TenantRef) -> None:
    with unit_of_work():
        area_id = people.area("Luzon").id
    begun(area_id=area_id)
    sent()
    assert f"&area={area_id}" in letters()[0].body
    with unit_of_work(), pytest.raises(Invalid, match="whole company"):
        schedules.begin("monthly-revenue", rhythm="daily", user_id=1, area_id=area_id)


def test_who_may_not_export_reports_gets_no_file(tenant: TenantRef) -> None:
    reader_id = colleague(permissions=READER).id
    with unit_of_work():
        schedules.begin("daily-collection", rhythm="daily", user_id=reader_id)
    assert [row[3] for row in sent()] == ["queued"]
    assert [letter.enclosure for letter in letters()] == [None]


def test_days_that_were_missed_are_not_made_up_for(tenant: TenantRef) -> None:
    begun()
    assert sent(NOON_IN_MANILA + timedelta(days=5)) == [
        (date(2026, 3, 15), date(2026, 3, 14), date(2026, 3, 14), "queued")
    ]


def test_who_may_not_read_it_any_more_gets_it_no_more(tenant: TenantRef) -> None:
    reader_id = colleague(permissions=READER).id
    with unit_of_work():
        schedules.begin("daily-collection", rhythm="daily", user_id=reader_id)
    with unit_of_work():
        roles.assign(reader_id, name="Ana", role_ids=[])
    assert [row[3] for row in sent()] == ["refused"] and letters() == []


def test_it_is_sent_to_who_may_read_it_and_once_however_often_one_asks(tenant: TenantRef) -> None:
    stranger_id = colleague("stranger@example.com").id
    begun()
    with unit_of_work():
        for report, rhythm, user_id in (("daily-collection", "daily", stranger_id), ("daily-collection", "hourly", 1),
                                        ("nonsense", "daily", 1)):
            with pytest.raises(Invalid):
                schedules.begin(report, rhythm=rhythm, user_id=user_id)
        one = db.session.scalars(select(ReportSchedule)).one()
        with pytest.raises(Conflict, match="already"):
            schedules.begin("daily-collection", rhythm="daily", user_id=one.user_id)
        schedules.stop(one)
        with pytest.raises(Conflict):
            schedules.stop(one)
    assert sent() == []


@pytest.mark.parametrize("report", ["receivables-ageing", "subscription-expiry", "financial-dashboard"])
def test_any_report_can_be_sent(tenant: TenantRef, report: str) -> None:
    begun(report, "weekly")
    bills.billed()
    assert len(sent(NOON_IN_MANILA + timedelta(days=7))) == 1 and len(letters()) == 1


def test_the_pages_begin_show_and_stop(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "Nothing is sent yet" in browser.get("/reports/schedules").text
    form = {"report": "tax", "rhythm": "monthly", "user_id": "1", "file_format": "pdf"}
    assert browser.post("/reports/schedules/add", form).status_code == 302
    assert browser.post("/reports/schedules/add", form).status_code == 422
    assert "Tax" in browser.get("/reports/schedules").text
    assert "Nothing was sent yet" in browser.get("/reports/schedules/1").text
    sent(NOON_IN_MANILA + timedelta(days=30))
    assert "1 Mar 2026 to 31 Mar 2026" in browser.get("/reports/schedules/1").text
    assert "Tax,,Olivia Owner,owner@example.com,monthly,pdf" in browser.get("/reports/schedules/export").text
    assert "2026-04-01,2026-03-01,2026-03-31,queued,queued" in browser.get("/reports/schedules/1/export").text
    assert "stays on record" in browser.get("/reports/schedules/1/stop").text
    browser.post("/reports/schedules/1/stop")
    assert "Nothing is sent yet" in browser.get("/reports/schedules").text


def test_one_schedules_only_what_one_may_read(app: IspbillFlask, tenant: TenantRef) -> None:
    owner_id = owner().id
    person = colleague(permissions=[*READER, "schedule_report"])
    browser = Browser(app, tenant)
    browser.sign_in(person.email)
    assert 'value="tax"' not in browser.get("/reports/schedules/add").text
    form = {"report": "tax", "rhythm": "daily", "user_id": str(owner_id), "file_format": "csv"}
    assert browser.post("/reports/schedules/add", form).status_code == 422


def test_the_clockwork_asks_from_six_in_the_morning(tenant: TenantRef) -> None:
    for hour, asks in ((5, False), (6, True), (23, True)):
        with at(NOON_IN_MANILA + timedelta(hours=hour - 12)):
            assert clockwork.REPORTS.is_due(tenant) == asks
