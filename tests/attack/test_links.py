"""No page leads its reader to a refusal: who may not open something is told of it without a link."""
from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, insert

from ispbill.accounts.models import RolePermission
from ispbill.accounts.roles.queries import role_ids_of
from ispbill.core.current import SYSTEM, bound
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web import guards
from ispbill.web.limiter import limiter
from ispbill.web.requests import IspbillFlask
from tests.accounts.test_matrix import ROLES
from tests.browser.test_every_page import invitation, keys_of, opened, rules
from tests.make import tenants
from tests.make.browsers import Browser, colleague
from tests.make.companies import Furnished, furnish

_READER = "reader@example.com"
_LINK = re.compile(r'<a\b[^>]*?\bhref="(/[^"]*)"')


def test_no_page_leads_to_a_refusal(
    app: IspbillFlask, context: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    company = furnish(tenants.open_company(label="links"), canary="plenty")
    pages = pages_of(app, company)
    with bound(company.tenant, SYSTEM):
        (role_id,) = role_ids_of(colleague(_READER, permissions=["view_dashboard"]).id)
    reader = Browser(app, company.tenant)
    reader.sign_in(_READER)
    wrong = set()
    for rights in [*({code} for code in pages if code.startswith("view_")), *ROLES.values()]:
        with bound(company.tenant, SYSTEM), unit_of_work():
            given(role_id, rights)
        for address in (address for code in rights & pages.keys() for address in pages[code]):
            wrong |= {(address, target) for target in refused(app, reader.get(address).text, rights)}
    assert not wrong, "\n".join(f"{address} leads to {target}" for address, target in sorted(wrong))


def pages_of(app: IspbillFlask, company: Furnished) -> dict[str, list[str]]:
    """The addresses of the company's pages by the right that each asks for."""
    owner = Browser(app, company.tenant)
    owner.sign_in(company.owner_email)
    keys, link = keys_of(company.tenant), invitation(company.tenant)
    found: dict[str, list[str]] = {}
    for rule in rules(app):
        mark = guards.mark_of(app.view_functions[rule.endpoint], "GET")
        if mark and mark.code and (address := opened(owner, rule, keys, link, company.account_link)):
            found.setdefault(mark.code, []).append(address)
    assert sum(map(len, found.values())) > 200
    return found


def given(role_id: int, rights: Collection[str]) -> None:
    """Let a role hold just these rights."""
    db.session.execute(delete(RolePermission).where(RolePermission.role_id == role_id))
    db.session.execute(insert(RolePermission), [{"role_id": role_id, "permission": code} for code in rights])


def refused(app: IspbillFlask, page: str, rights: Collection[str]) -> Iterator[str]:
    """What a page links to and its reader may not open; every link leads somewhere."""
    adapter = app.url_map.bind("")
    for target in {unescape(found) for found in _LINK.findall(page)}:
        endpoint, _values = adapter.match(urlsplit(target).path, method="GET")
        mark = guards.mark_of(app.view_functions[endpoint], "GET")
        if mark and mark.code and mark.code not in rights:
            yield target
