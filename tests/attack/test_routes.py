"""Every route and operation, attacked with the victim's keys, cookie, token and name: nothing of the victim answers.

The routes come from the application, so a new one is attacked without being named.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import event

from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.web.guards import Access
from tests.attack.victims import Attacker, Pair, Target, contents, in_both, leaks, only_the_victims
from tests.make.browsers import Browser
from tests.make.programs import Program

pytestmark = pytest.mark.attack

NOWHERE = {404}
TURNED_AWAY = {401, 302}


@contextmanager
def victim_untouched(pair: Pair) -> Iterator[None]:
    """Whatever happens inside, not one row of the victim differs afterwards."""
    before = contents(pair.victim.tenant)
    yield
    after = contents(pair.victim.tenant)
    assert {name for name in before if before[name] != after[name]} == set()


@contextmanager
def only_inside(tenant: TenantRef) -> Iterator[None]:
    """Whatever happens inside, every statement that it sends runs in that company's schema, under its role."""
    found: set[Any] = set()

    def look(_connection: Any, cursor: Any, *_statement: Any) -> None:
        driver = cursor.connection
        if driver.info.transaction_status is not TransactionStatus.INERROR:
            found.add(driver.execute("SELECT current_schema(), current_user").fetchone())

    event.listen(db.engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", look)
    assert found == {(tenant.schema, tenant.role)}


def failures(pair: Pair, judge: Callable[[Target], str | None]) -> list[str]:
    """What is wrong with each target, if anything."""
    return [f"{target}: {wrong}" for target in pair.targets() if (wrong := judge(target))]


def test_keys_of_the_victim_lead_nowhere(pair: Pair, attacker: Attacker) -> None:
    keys = only_the_victims(pair)

    def judge(target: Target) -> str | None:
        if not target.has_keys:
            return None
        answer = attacker.call(target, keys)
        if answer.status_code not in NOWHERE:
            return f"answers {answer.status_code}"
        return "leaks" if leaks(answer, pair.victim) else None

    with victim_untouched(pair):
        assert failures(pair, judge) == []


def test_equal_keys_show_the_attackers_own_rows(pair: Pair, attacker: Attacker) -> None:
    keys = in_both(pair)
    own: list[bool] = []

    def judge(target: Target) -> str | None:
        if target.method != "GET" or not target.has_keys:
            return None
        answer = attacker.call(target, keys)
        own.append(answer.status_code == 200 and leaks(answer, pair.attacker))
        return "leaks" if leaks(answer, pair.victim) else None

    with victim_untouched(pair), only_inside(pair.attacker.tenant):
        assert failures(pair, judge) == []
    assert sum(own) > 0.7 * len(own), "the attack is not worth much where the attacker sees nothing of their own"


def test_no_list_search_export_or_form_shows_or_takes_anything_of_the_victim(pair: Pair, attacker: Attacker) -> None:
    keys = only_the_victims(pair)

    def judge(target: Target) -> str | None:
        if target.has_keys:
            return None
        answer = attacker.call(target, keys)
        if target.method != "GET":
            attacker.stay_signed_in()
        return "leaks" if leaks(answer, pair.victim) else None

    with victim_untouched(pair), only_inside(pair.attacker.tenant):
        assert failures(pair, judge) == []


def test_changing_the_attackers_own_rows_never_touches_the_victims_equal_ones(fresh_pair: Pair) -> None:
    owner, keys = fresh_pair.attacker, in_both(fresh_pair)
    attacker = Attacker(fresh_pair, owner.browser(), owner.program())
    before = contents(fresh_pair.attacker.tenant)

    def judge(target: Target) -> str | None:
        if target.method == "GET" or not target.has_keys:
            return None
        answer = attacker.call(target, keys)
        attacker.stay_signed_in()
        return "leaks" if leaks(answer, fresh_pair.victim) else None

    with victim_untouched(fresh_pair):
        assert failures(fresh_pair, judge) == []
    after = contents(fresh_pair.attacker.tenant)
    assert sum(before[name] != after[name] for name in before) >= 10, "the attack changed little even at home"


def test_the_victims_cookie_and_token_open_nothing_elsewhere(pair: Pair) -> None:
    stolen = pair.victim.browser()
    keys = in_both(pair)
    token = stolen._token()
    site = Browser(pair.app, pair.attacker.tenant)
    known = stolen.client.get_cookie("ispbill", domain=f"{pair.victim.tenant.subdomain}.isp.test")
    assert known is not None
    site.client.set_cookie("ispbill", known.value, domain=f"{pair.attacker.tenant.subdomain}.isp.test")
    site._csrf_token = token
    thief = Attacker(pair, site, Program(pair.app, pair.attacker.tenant, pair.victim.token))
    assert stolen.get("/profile").status_code == 200

    def judge(target: Target) -> str | None:
        if target.mark.access is Access.PUBLIC:
            return None
        answer = thief.call(target, keys)
        if answer.status_code not in TURNED_AWAY or "/login" not in answer.headers.get("Location", "/login"):
            return f"answers {answer.status_code}"
        return "leaks" if leaks(answer, pair.victim) or leaks(answer, pair.attacker) else None

    with victim_untouched(pair):
        assert failures(pair, judge) == []


def test_who_is_not_signed_in_gets_nothing_but_the_way_to_sign_in(pair: Pair) -> None:
    stranger = Attacker(pair, Browser(pair.app, pair.victim.tenant), Program(pair.app, pair.victim.tenant, None))
    keys = only_the_victims(pair)

    def judge(target: Target) -> str | None:
        if target.mark.access is Access.PUBLIC:
            return None
        answer = stranger.call(target, keys)
        if answer.status_code not in TURNED_AWAY or "/login" not in answer.headers.get("Location", "/login"):
            return f"answers {answer.status_code}"
        return None

    with victim_untouched(pair):
        assert failures(pair, judge) == []


def other_names(pair: Pair) -> dict[str, dict[str, str]]:
    """Every way but the Host header to name the victim: headers, arguments and cookies."""
    tenant = pair.victim.tenant
    host, url = f"{tenant.subdomain}.isp.test", f"http://{tenant.subdomain}.isp.test/"
    hosts = ("X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "X-Original-Host", "X-HTTP-Host-Override")
    urls = ("X-Original-URL", "X-Rewrite-URL", "Origin", "Referer")
    ids = {"tenant": tenant.code, "tenant_id": str(tenant.id), "schema": tenant.schema, "subdomain": tenant.subdomain,
           "host": host, "search_path": tenant.schema}
    headers = {name: host for name in hosts} | {name: url for name in urls} | {"Forwarded": f"host={host}"}
    return {"headers": headers | {f"X-{name.title()}": value for name, value in ids.items()}, "ids": ids}


def test_no_header_argument_or_cookie_names_another_company(pair: Pair, attacker: Attacker) -> None:
    keys, names = in_both(pair), other_names(pair)
    for name, value in names["ids"].items():
        attacker.browser.client.set_cookie(name, value, domain=f"{pair.attacker.tenant.subdomain}.isp.test")

    def judge(target: Target) -> str | None:
        if target.method != "GET":
            return None
        expected = attacker.call(target, keys).status_code
        answer = attacker.call(target, keys, headers=names["headers"])
        if answer.status_code != expected or leaks(answer, pair.victim):
            return f"is led by headers and cookies ({answer.status_code})"
        led = attacker.call(target, keys, query=names["ids"])
        # A list repeats its arguments in its own links, so only what no argument said counts.
        return "is led by its arguments" if any(word in led.data for word in names_of_rows(pair)) else None

    with victim_untouched(pair):
        assert failures(pair, judge) == []


def names_of_rows(pair: Pair) -> set[bytes]:
    """Words that stand in the victim's rows and in no argument of an attack."""
    word = pair.victim.canary
    return {f"{word}1".encode(), f"{word}2".encode(), f"{word.upper()}-0".encode()}


def test_a_link_of_the_victim_sets_no_password_elsewhere(pair: Pair) -> None:
    site = Browser(pair.app, pair.attacker.tenant)
    address = f"/password/set/{pair.victim.link}"
    with victim_untouched(pair):
        shown = site.get(address)
        tried = site.post(address, {"password": "four words that fit", "again": "four words that fit"})
    for answer in (shown, tried):
        assert answer.status_code == 404 and not leaks(answer, pair.victim)
    assert Browser(pair.app, pair.victim.tenant).get(address).status_code == 200
