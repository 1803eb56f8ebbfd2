"""A form that is sent twice as it stands is carried out once, whatever it is for; what differs is another request."""
from __future__ import annotations

import contextvars
import io
import re
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.documents.models import CustomerDocument
from ispbill.customers.models import Customer
from ispbill.web.once.models import IdempotencyKey
from ispbill.web.once.pages import FIELD
from ispbill.web.requests import IspbillFlask
from tests.make import people
from tests.make.browsers import Browser, signed_in

ANA = {"name": "Ana Cruz", "kind": "person", "status": "lead"}
REGISTER = "/customers/register"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
_KEY = re.compile(rf'name="{FIELD}" value="([^"]+)"')


def keys_on(browser: Browser, path: str) -> set[str]:
    return set(_KEY.findall(browser.get(path).text))


def count(model: type) -> int:
    with unit_of_work():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_each_page_has_one_key_of_its_own_for_all_its_forms(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    first, second = keys_on(browser, REGISTER), keys_on(browser, REGISTER)
    assert len(first) == len(second) == 1 and first != second


def test_a_second_click_leads_where_the_first_one_led(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    (key,) = keys_on(browser, REGISTER)
    first, second = (browser.post(REGISTER, {**ANA, FIELD: key}) for _ in range(2))
    assert (first.status_code, second.status_code, count(Customer)) == (302, 302, 1)
    assert first.location == second.location
    assert "This was sent twice. It was done once." in browser.get(second.location).text


def test_clicks_at_the_same_moment_wait_for_each_other(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    (key,) = keys_on(browser, REGISTER)
    at_the_desk = contextvars.copy_context()

    def click(_: int) -> str | None:
        return at_the_desk.copy().run(browser.post, REGISTER, {**ANA, FIELD: key}).location

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    assert count(Customer) == 1


def test_who_goes_back_and_enters_the_next_one_is_not_held_up(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    (key,) = keys_on(browser, REGISTER)
    for name in ("Ana Cruz", "Ben Diaz", "Ana Cruz"):
        browser.post(REGISTER, {**ANA, "name": name, FIELD: key})
    assert count(Customer) == 2


def test_two_pages_and_two_people_are_two_requests(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    other = signed_in(app, tenant, permissions=("create_customer", "view_customer_detail"))
    for key in ("one", "two"):
        assert browser.post(REGISTER, {**ANA, FIELD: key}).status_code == 302
    assert other.post(REGISTER, {**ANA, FIELD: "one"}).status_code == 302
    assert count(Customer) == 3


def test_a_form_that_was_refused_can_be_sent_again(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    (key,) = keys_on(browser, REGISTER)
    refused = browser.post(REGISTER, {**ANA, "name": "", FIELD: key})
    assert refused.status_code == 422 and set(_KEY.findall(refused.text)) == {key}
    assert browser.post(REGISTER, {**ANA, FIELD: key}).status_code == 302
    assert (count(Customer), count(IdempotencyKey)) == (1, 1)


def test_a_file_is_part_of_what_was_sent(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        page = f"/customers/{people.register_customer().id}/documents/add"

    def send(content: bytes) -> int:
        return browser.post(page, {"file": (io.BytesIO(content), "contract.pdf"), FIELD: "one"}).status_code

    assert [send(PDF), send(PDF), send(PDF + b"\n")] == [302, 302, 302]
    assert count(CustomerDocument) == 2


def test_a_key_that_no_page_has_is_refused(app: IspbillFlask, tenant: TenantRef) -> None:
    answer = signed_in(app, tenant).post(REGISTER, {**ANA, FIELD: "x" * 51})
    assert answer.status_code == 422 and count(Customer) == 0
