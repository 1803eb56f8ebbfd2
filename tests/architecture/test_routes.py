"""Routes: one access rule each, one site each, in the navigation or linked from a page that is."""
from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from ispbill.app import csrf
from ispbill.core import permissions
from ispbill.core.current import SYSTEM, bound
from ispbill.web import guards, navigation
from ispbill.web.guards import Access, Mark
from ispbill.web.requests import IspbillFlask
from tests.make import tenants
from tests.make.browsers import Browser
from tests.make.companies import furnish

pytestmark = pytest.mark.architecture

# Pages that no page of a signed-in owner of a furnished company links to, and why.
HIDDEN: dict[str, str] = {
    "accounts.reset": "linked from the sign-in page",
    "accounts.set_password": "reached by a link in an e-mail",
    "accounts.give_code": "the second step of signing in",
    "accounts.renew_recovery_codes": "for who signs in with two factors",
    "accounts.turn_off_second_factor": "for who signs in with two factors",
    "cash.open_drawer": "for who holds no drawer yet",
    "customers.merge": "where two records of one customer are compared",
    "imports.errors": "linked from the review of a file with errors",
    "imports.refused": "linked from a file with refused lines",
    "imports.undo": "linked from a file that is brought in",
    "plant.export_nearest": "linked from the NAPs that are found near a place",
}
_ADDRESS = re.compile(r'="(/[^"#]*)')
_MOST_VISITS_OF_ONE = 8


def routes(app: Flask) -> Iterator[tuple[Rule, str, Mark | None]]:
    """Every route with each of its methods and its mark."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, guards.mark_of(app.view_functions[rule.endpoint], method)


def test_every_route_has_an_access_rule(app: IspbillFlask) -> None:
    assert [f"{method} {rule.rule}" for rule, method, mark in routes(app) if mark is None] == []


def test_a_view_cannot_have_two_access_rules() -> None:
    with pytest.raises(AssertionError, match="marked twice"):
        guards.requires("view_dashboard")(guards.public(lambda: ""))


def test_every_operation_of_the_api_but_signing_in_and_out_requires_a_permission(app: IspbillFlask) -> None:
    free = [
        f"{method} {rule.rule}" for rule, method, mark in routes(app)
        if rule.endpoint.startswith("api_") and (mark is None or mark.access is not Access.PERMISSION)
    ]
    assert free == ["POST /api/v1/login", "POST /api/v1/logout"]


def test_every_permission_that_a_route_requires_is_in_the_vocabulary(app: IspbillFlask) -> None:
    assert {mark.code for _, _, mark in routes(app) if mark and mark.code} <= permissions.ALL
    with pytest.raises(AssertionError, match="not in the vocabulary"):
        guards.requires("fly")


def test_what_changes_something_never_requires_a_mere_right_to_look(app: IspbillFlask) -> None:
    lookers = {
        f"{method} {rule.rule}" for rule, method, mark in routes(app)
        if method not in ("GET",) and mark and mark.code and mark.code.startswith(("view_", "export_"))
    }
    assert lookers == set()


def test_only_few_routes_are_open_to_anybody(app: IspbillFlask) -> None:
    opened = (Access.PUBLIC, Access.ANYWHERE)
    assert {rule.endpoint for rule, _, mark in routes(app) if mark and mark.access in opened} == {
        "accounts.give_code", "accounts.reset", "accounts.set_password", "accounts.sign_in", "api.docs",
        "api.openapi_json", "api_login.sign_in", "logo.logo", "logo.style_sheet",
        "platform.healthz", "platform.root", "portal.account", "portal.index", "portal.invoice", "portal.receipt",
        "portal.statement", "static", "texting.report",
    }


def test_forms_are_protected_and_only_the_api_is_not_for_it_takes_no_cookie_alone(app: IspbillFlask) -> None:
    assert csrf._exempt_views == {"ispbill.notifications.texting.views.report"}, "a report is signed by its sender"
    assert all(resource.name.startswith("api_") for resource in csrf._exempt_blueprints)


def test_no_route_answers_on_both_the_platforms_site_and_a_companys(app: IspbillFlask, context: None) -> None:
    tenant = tenants.open_company()
    apex = Browser(app, tenant)
    apex.base_url = "http://isp.test"
    with bound(tenant, SYSTEM):
        for rule, method, mark in routes(app):
            if mark is None or mark.access is Access.ANYWHERE or rule.arguments or method != "GET":
                continue
            site, other = (apex, Browser(app, tenant)) if mark.access is Access.APEX else (Browser(app, tenant), apex)
            assert other.get(rule.rule).status_code == 404, rule.rule
            assert site.get(rule.rule).status_code != 404, rule.rule


def test_every_entry_of_the_navigation_leads_to_a_page(app: IspbillFlask) -> None:
    for _, entries in navigation.GROUPS:
        for entry in entries:
            rules = list(app.url_map.iter_rules(entry.endpoint)) if entry.endpoint in app.view_functions else []
            assert any("GET" in (rule.methods or ()) and not rule.arguments for rule in rules), entry


def test_every_page_is_in_the_navigation_or_linked_from_one_that_is(app: IspbillFlask, context: None) -> None:
    company = furnish(tenants.open_company(), canary="walkabout")
    reached = set(_walk(app, company.browser()))
    pages = {rule.endpoint for rule, method, mark in routes(app)
             if method == "GET" and not _is_for_programs(rule, mark)}
    assert sorted(pages - reached - HIDDEN.keys()) == []
    assert HIDDEN.keys() - pages == set() and HIDDEN.keys() & reached == set()


def _is_for_programs(rule: Rule, mark: Mark | None) -> bool:
    return rule.endpoint.startswith("api_") or (mark is not None and mark.access is Access.ANYWHERE)


def _walk(app: IspbillFlask, browser: Browser) -> Iterator[str]:
    """The endpoints that an owner comes to by following every address on every page, from the navigation on."""
    adapter = app.url_map.bind("")
    visits: dict[str, int] = {}
    seen: set[str] = set()
    waiting = [next(iter(app.url_map.iter_rules(entry.endpoint))).rule
               for _, entries in navigation.GROUPS for entry in entries]
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        try:
            endpoint, _ = adapter.match(path.partition("?")[0], method="GET")
        except HTTPException:
            continue
        visits[endpoint] = visits.get(endpoint, 0) + 1
        if visits[endpoint] > _MOST_VISITS_OF_ONE or endpoint == "static":
            continue
        yield endpoint
        answer = browser.get(path)
        if answer.mimetype == "text/html":
            waiting += [html.unescape(found) for found in _ADDRESS.findall(answer.text)]
