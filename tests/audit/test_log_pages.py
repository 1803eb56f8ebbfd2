"""The audit log: searched, filtered, read with both values, exported; for those with the permission only."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from flask import Flask

from ispbill.audit import queries
from ispbill.audit import service as audit
from ispbill.audit.policy import NOT_RECORDED, Difference, differences, entity_name, recordable
from ispbill.core.current import Actor, TenantRef, acting_as, at, current
from ispbill.core.unit_of_work import unit_of_work
from tests.make.browsers import signed_in

ANA = Actor(kind="user", name="Ana Reyes", user_id=7001, ip_address="203.0.113.9")


def note(label: str, *, actor: Actor = ANA, entity: str = "plan", action: str = "changed") -> None:
    with acting_as(actor), unit_of_work():
        audit.note(action, entity=entity, entity_id=1, label=label, before={"price": 1000}, after={"price": 1200})


def test_the_newest_entry_stands_first(app: Flask, tenant: TenantRef) -> None:
    note("Older")
    note("Newer")
    page = signed_in(app, tenant).get("/audit-logs").text
    assert page.index("Newer") < page.index("Older")


def test_entries_are_found_by_name_person_record_action_and_day(app: Flask, tenant: TenantRef) -> None:
    note("Fibre 50")
    note("Fibre 100", entity="customer", action="removed")
    with at(current.now() - timedelta(days=9)):
        note("Fibre 25", actor=Actor(kind="system", name="System"))
    browser = signed_in(app, tenant)

    def shown(query: str) -> set[str]:
        text = browser.get(f"/audit-logs/export?{query}").text
        return {label for label in ("Fibre 25", "Fibre 50", "Fibre 100") if f"{label}," in text}

    assert shown("q=fibre") == {"Fibre 25", "Fibre 50", "Fibre 100"}
    assert shown("q=100") == {"Fibre 100"}
    assert shown("who=7001") == {"Fibre 50", "Fibre 100"}
    assert shown("who=system") == {"Fibre 25"}
    assert shown("entity=customer") == {"Fibre 100"}
    assert shown("action=changed") == {"Fibre 25", "Fibre 50"}
    assert shown("until=2026-03-09") == {"Fibre 25"}
    assert shown("since=2026-03-10") == {"Fibre 50", "Fibre 100"}
    assert shown("since=nonsense&who=99999999999999999999999") == set()


def test_an_entry_shows_what_stood_there_before_and_after(app: Flask, tenant: TenantRef) -> None:
    note("Fibre 50")
    browser = signed_in(app, tenant)
    with unit_of_work():
        newest = queries.newest(queries.Filters(term="Fibre 50"))[0].id
    page = browser.get(f"/audit-logs/{newest}").text
    for text in ("Fibre 50", "1000", "1200", "Ana Reyes", "203.0.113.9"):
        assert text in page
    assert browser.get("/audit-logs/999999").status_code == 404


def test_pages_follow_each_other_without_gap_or_repeat(app: Flask, tenant: TenantRef) -> None:
    for number in range(30):
        note(f"Entry {number:02}")
    browser = signed_in(app, tenant)
    first = browser.get("/audit-logs?q=Entry").text
    following = first.partition('id="pager-next"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser.get(following).text
    seen = [[number for number in range(30) if f"Entry {number:02}" in page] for page in (first, second)]
    assert seen == [list(range(5, 30)), list(range(5))]


def test_reading_and_exporting_are_two_permissions(app: Flask, tenant: TenantRef) -> None:
    reader = signed_in(app, tenant, permissions=["view_audit_log"])
    assert reader.get("/audit-logs").status_code == 200
    assert "/audit-logs/export" not in reader.get("/audit-logs").text
    assert reader.get("/audit-logs/export").status_code == 403


def test_everybody_who_acted_is_offered_once_by_their_latest_name(tenant: TenantRef) -> None:
    note("a")
    note("b", actor=Actor(kind="user", name="Ana Santos", user_id=7001))
    note("c", actor=Actor(kind="user", name="Ben", user_id=12))
    with unit_of_work():
        assert queries.users_who_acted() == [(12, "Ben"), (7001, "Ana Santos")]


def test_a_value_is_kept_as_json_holds_it_and_a_secret_not_at_all() -> None:
    assert recordable("note", {"a": (1, None), "token": "x"}) == {"a": [1, None], "token": NOT_RECORDED}
    assert recordable("password_hash", None) is None
    assert recordable("roles", frozenset({"b", "a"})) == ["a", "b"]


def test_differences_stand_side_by_side() -> None:
    assert differences({"a": 1, "b": 2}, {"b": 3, "c": 4}) == [
        Difference("a", 1, None), Difference("b", 2, 3), Difference("c", None, 4),
    ]
    assert entity_name("BillingRunChunk") == "billing_run_chunk"


def test_days_and_instants_of_an_entry_are_such_again() -> None:
    assert differences({"on": "2026-03-09", "at": "2026-03-09T01:00:00+00:00"}, {"on": None, "at": "2026-03"}) == [
        Difference("at", datetime(2026, 3, 9, 1, tzinfo=UTC), "2026-03"), Difference("on", date(2026, 3, 9), None),
    ]
