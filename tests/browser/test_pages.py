"""A new company, with nothing in it: each page of the navigation is drawn without a fault and says what to do first."""
from __future__ import annotations

from collections.abc import Callable

from flask import url_for

from ispbill.web.navigation import GROUPS, QUICK
from ispbill.web.requests import IspbillFlask
from tests.browser.visiting import PHONE, Visitor


def test_a_new_company_is_told_what_to_do_first(visit: Callable[..., Visitor], live_app: IspbillFlask) -> None:
    with live_app.test_request_context():
        paths = [url_for(entry.endpoint) for entries in (*(entries for _, entries in GROUPS), QUICK)
                 for entry in entries]
    visitor = visit(viewport=PHONE)
    visitor.sign_in()
    faults = []
    for path in paths:
        visitor.page.goto(visitor.site + path)
        faults += visitor.faults("dark")
    assert not faults, "\n".join(faults)
    visitor.assert_content()


def test_what_is_not_there_is_said_on_a_page_that_leads_on(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in()
    for path in ("/customers/999", "/nowhere"):
        answer = visitor.page.goto(visitor.site + path)
        assert answer is not None and answer.status == 404
        assert not visitor.faults("light", "dark")
        assert visitor.page.get_by_role("navigation", name="Main").is_visible()


def test_the_way_above_a_page_keeps_to_one_line_on_a_phone(visit: Callable[..., Visitor]) -> None:
    visitor = visit(viewport=PHONE)
    visitor.sign_in()
    for path in ("/collections/plan/steps/2", "/reports/recurring-revenue/services"):
        visitor.page.goto(visitor.site + path)
        heights = visitor.page.locator(".breadcrumbs li").evaluate_all("all => all.map(each => each.offsetHeight)")
        assert heights and max(heights) < 32, f"{path}: {heights}"
