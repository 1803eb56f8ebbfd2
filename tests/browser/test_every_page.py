"""Every page that exists, of a company with one of everything: at a desk and on a phone, by day and at night.

The pages are read from the routes. A new page is visited as soon as `tests/make/companies.py` makes a row for it; one
that no row opens fails here until it is listed in ELSEWHERE, with the test that sees it.
"""
from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from sqlalchemy import select
from werkzeug.routing import Rule

from ispbill.accounts.models import User, UserStatus
from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.queries import permissions_of
from ispbill.config import Settings
from ispbill.core.current import SYSTEM, TenantRef, at, bound
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web import guards, navigation
from ispbill.web.guards import Access
from ispbill.web.limiter import limiter
from ispbill.web.requests import IspbillFlask
from tests.attack.victims import TABLES, WORDS
from tests.browser.visiting import DESKTOP, PHONE, Scheme, Visitor
from tests.conftest import NOON_IN_MANILA
from tests.make import browsers, offers, tenants
from tests.make.browsers import Browser
from tests.make.companies import Furnished, furnish

# Pages that the owner of a furnished company cannot open by their address, and where they are seen.
ELSEWHERE: dict[str, str] = {
    "accounts.sign_in": "each visit begins there",
    "accounts.give_code": "test_accounts.py, where two factors are asked for",
}
# What answers with a part of a page, leads elsewhere, or is a file of a day.
NO_PAGES = {"news.unseen", "accounts.home", "runs.export_differences"}
# What stands behind the address of a page that needs more than a key.
ARGUMENTS = {"customers.merge": "?other=1", "numbers.change": "?kind=invoice"}
VIEWS: tuple[tuple[dict[str, int], tuple[Scheme, Scheme]], ...] = (
    (DESKTOP, ("light", "dark")), (PHONE, ("dark", "light")),
)
_TRIED_ROWS = 12
SHARES = 4


@pytest.fixture(scope="session")
def furnished(live_app: IspbillFlask) -> Furnished:
    """A company with one of everything, for all tests of a worker."""
    with live_app.app_context(), at(NOON_IN_MANILA):
        return furnish(tenants.open_company(label="everything"), canary="plenty")


@pytest.fixture(scope="session")
def site(live_settings: Settings, furnished: Furnished) -> str:
    """Where the company is."""
    return live_settings.tenant_url(furnished.tenant.subdomain)


@pytest.fixture(scope="session")
def pages(live_app: IspbillFlask, furnished: Furnished, site: str) -> dict[str, str | None]:
    """The address of each page by its endpoint; None where no row opens it. Downloads are no pages."""
    with live_app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(limiter, "enabled", False)
        owner = Browser(live_app, furnished.tenant)
        owner.base_url = site
        owner.sign_in(furnished.owner_email)
        keys = keys_of(furnished.tenant)
        link = invitation(furnished.tenant)
        found = {rule.endpoint: opened(owner, rule, keys, link, furnished.account_link) for rule in rules(live_app)}
    return {endpoint: address for endpoint, address in found.items() if address != ""}


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_is_drawn_without_a_fault(
    chromium: Chromium, furnished: Furnished, site: str, pages: dict[str, str | None], share: int
) -> None:
    visitor = Visitor(chromium.new_context(viewport=DESKTOP, reduced_motion="reduce"), site)  # type: ignore[arg-type]
    # The company's map is on a tile server that is not there.
    visitor.page.route("**/*.png", lambda route: route.fulfill(body=offers.PNG, content_type="image/png"))
    visitor.sign_in(furnished.owner_email)
    faults = [fault for address in sorted(filter(None, pages.values()))[share::SHARES]
              for fault in _faults(visitor, address)]
    visitor.page.context.close()
    assert not faults, "\n".join(faults)


def test_every_page_has_a_row_that_opens_it(pages: dict[str, str | None]) -> None:
    closed = {endpoint for endpoint, address in pages.items() if address is None}
    assert sorted(closed - ELSEWHERE.keys()) == []
    assert sorted(ELSEWHERE.keys() - closed) == []


def test_the_lists_of_a_company_with_nothing_in_it_are_drawn_without_a_fault(
    chromium: Chromium, live_app: IspbillFlask, live_settings: Settings
) -> None:
    with live_app.app_context():
        empty = tenants.open_company(label="nothing")
        with bound(empty, SYSTEM):
            email = browsers.owner().email
    listed = {entry.endpoint for _, entries in navigation.GROUPS for entry in entries}
    addresses = [rule.rule for rule in rules(live_app) if rule.endpoint in listed]
    assert _faults_on_a_phone(chromium, live_settings.tenant_url(empty.subdomain), email, addresses) == []


def test_the_pages_that_a_technician_may_open_are_drawn_without_a_fault(
    chromium: Chromium, live_app: IspbillFlask, furnished: Furnished, site: str, pages: dict[str, str | None]
) -> None:
    with live_app.app_context(), bound(furnished.tenant, SYSTEM):
        person = browsers.member("Technician")
        email = person.email
        with unit_of_work():
            rights = permissions_of(person.id)
    marks = {rule.endpoint: guards.mark_of(live_app.view_functions[rule.endpoint], "GET") for rule in rules(live_app)}
    addresses = [address for endpoint, address in pages.items()
                 if address and (mark := marks[endpoint]) and mark.code in rights]
    assert len(addresses) > 20
    assert _faults_on_a_phone(chromium, site, email, addresses) == []


def _faults_on_a_phone(chromium: Chromium, site: str, email: str, addresses: list[str]) -> list[str]:
    """What is wrong with the pages that these addresses answer with; files are none."""
    visitor = Visitor(chromium.new_context(viewport=PHONE, reduced_motion="reduce"), site)  # type: ignore[arg-type]
    visitor.page.route("**/*.png", lambda route: route.fulfill(body=offers.PNG, content_type="image/png"))
    visitor.sign_in(email)
    shown = [address for address in sorted(addresses) if _is_page(visitor, address)]
    # What is not to be had is told on the console, too.
    visitor.complaints.clear()
    faults = []
    for address in shown:
        visitor.page.goto(site + address)
        faults += [*visitor.faults("light"), *(f"{address}: {complaint}" for complaint in visitor.complaints)]
        visitor.complaints.clear()
    visitor.page.context.close()
    assert shown, "nothing was looked at"
    return faults


_ASK = "async address => { const a = await fetch(address); return [a.status, a.headers.get('content-type') ?? '']; }"


def _is_page(visitor: Visitor, address: str) -> bool:
    status, kind = visitor.page.evaluate(_ASK, address)
    assert status < 500, f"{address} answers {status}"
    return bool(status == 200 and kind.startswith("text/html"))


def _faults(visitor: Visitor, address: str) -> Iterator[str]:
    for viewport, schemes in VIEWS:
        visitor.page.set_viewport_size(viewport)  # type: ignore[arg-type]
        if viewport is DESKTOP:
            visitor.page.goto(visitor.site + address)
        yield from visitor.faults(*schemes)
    yield from (f"{address}: {complaint}" for complaint in visitor.complaints)
    visitor.complaints.clear()


def rules(app: Flask) -> Iterator[Rule]:
    """The addresses of a company's site that a browser may ask for."""
    for rule in app.url_map.iter_rules():
        mark = guards.mark_of(app.view_functions[rule.endpoint], "GET")
        outside = mark is None or mark.access in (Access.ANYWHERE, Access.APEX)
        if "GET" in (rule.methods or ()) and not outside and rule.endpoint not in NO_PAGES and "/api/" not in rule.rule:
            yield rule


def opened(owner: Browser, rule: Rule, keys: dict[str, list[int]], link: str, account_link: str) -> str | None:
    """The first address that answers with a page; empty where a file comes, None where nothing does."""
    names = sorted(rule.arguments)
    words = WORDS | {"token": link, "account_link": account_link}
    choices = [[words[name]] if name in words else keys[name] for name in names]
    for values in itertools.product(*choices):
        built = rule.build(dict(zip(names, values, strict=True)), append_unknown=False)
        assert built is not None
        address = built[1] + ARGUMENTS.get(rule.endpoint, "")
        answer = owner.get(address)
        if answer.status_code == 200:
            return address if answer.mimetype == "text/html" else ""
    return None


def invitation(tenant: TenantRef) -> str:
    """What the link of an invitation of today carries."""
    with bound(tenant, SYSTEM), unit_of_work():
        clerk = select(User).where(User.password_hash.is_(None), User.status == UserStatus.ACTIVE).limit(1)
        return passwords.issue_token(db.session.scalars(clerk).one())


def keys_of(tenant: TenantRef) -> dict[str, list[int]]:
    """The newest keys of each table."""
    with bound(tenant, SYSTEM), unit_of_work():
        return {name: list(db.session.scalars(select(model.id).order_by(model.id.desc()).limit(_TRIED_ROWS)))
                for name, model in TABLES.items()}
