"""The navigation says where one is: at one place, and of two that lie above a page at the nearer one."""
from __future__ import annotations

import re

import pytest

from ispbill.core.current import TenantRef
from ispbill.web.requests import IspbillFlask
from tests.make.browsers import signed_in

_HERE = re.compile(r'<a href="([^"]+)" aria-current="page">')


@pytest.mark.parametrize(("page", "place"), [
    ("/settings", "/settings"), ("/settings/customers", "/settings/customers"),
    ("/settings/customers/labels/add", "/settings/customers"), ("/settings/language", "/settings"),
    ("/customers/register", "/customers"),
])
def test_a_page_lies_below_one_place(app: IspbillFlask, tenant: TenantRef, page: str, place: str) -> None:
    navigation = signed_in(app, tenant).get(page).text.split("shell-nav", 1)[1].split("</nav>", 1)[0]
    assert _HERE.findall(navigation) == [place]
