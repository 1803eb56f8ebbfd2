"""No list asks the database more often because it has more rows: pages, their files, and what programs list."""
from __future__ import annotations

import pytest

from ispbill.web import guards
from ispbill.web.requests import IspbillFlask
from tests.make import bills, tenants
from tests.make.browsers import Browser
from tests.make.companies import furnish

pytestmark = pytest.mark.architecture


def test_a_list_sends_as_many_statements_for_many_rows_as_for_few(app: IspbillFlask, context: None) -> None:
    tenant = tenants.open_company()
    for part in (1, 2):
        company = furnish(tenant, canary="counted", part=part)
    few = counted(app, company.browser())
    for part in (3, 4):
        furnish(tenant, canary="counted", part=part)
    many = counted(app, company.browser())
    assert len(few) > 80, "most lists answered"
    assert {path: (few[path], many[path]) for path in few if many[path] > few[path]} == {}


def counted(app: IspbillFlask, browser: Browser) -> dict[str, int]:
    """How many statements each page without a key in its address sends, once what it remembers is warm."""
    found = {}
    for path in lists(app):
        if browser.get(path).status_code == 200:
            with bills.statements() as sent:
                browser.get(path)
            found[path] = len(sent)
    return found


def lists(app: IspbillFlask) -> list[str]:
    """The addresses of a company's pages that need no key."""
    return sorted({
        rule.rule for rule in app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or set())
        and (mark := guards.mark_of(app.view_functions[rule.endpoint], "GET")) and mark.code
    })
