"""A company's language decides how dates and amounts are written: on pages, in forms, on documents."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.billing.documents.policy import long_date
from ispbill.company import service as company
from ispbill.core import formats, i18n
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.errors import Invalid
from ispbill.core.i18n import Message, gettext, lazy, ngettext
from ispbill.core.money import format_money, typed_minor, typed_text
from ispbill.core.unit_of_work import unit_of_work
from ispbill.tenancy import registry
from ispbill.web.requests import IspbillFlask
from tests.make import people
from tests.make.browsers import Browser, owner


@pytest.mark.parametrize(("locale", "amount", "short", "long", "count"), [
    ("en_PH", "₱1,499.50", "9 Dec 2026", "9 December 2026", "12,345"),
    ("de_DE", "1.499,50\u00a0PHP", "9. Dez. 2026", "9. Dezember 2026", "12.345"),
    ("fil_PH", "₱1,499.50", "Dis 9, 2026", "Disyembre 9, 2026", "12,345"),
])
def test_dates_and_amounts_follow_the_language(
    locale: str, amount: str, short: str, long: str, count: str
) -> None:
    with i18n.speaking(locale):
        assert format_money(149950, "PHP") == amount
        assert formats.short_date(date(2026, 12, 9)) == short
        assert long_date(date(2026, 12, 9)) == long
        assert formats.number(12345) == count


@pytest.mark.parametrize("locale", ["en_PH", "de_DE", "fr_FR", "fil_PH"])
def test_an_amount_in_a_form_is_read_as_it_is_shown(locale: str) -> None:
    with i18n.speaking(locale):
        for amount_minor in (0, 5, 1250, 149950, 123456789, -2000):
            assert typed_minor(typed_text(amount_minor, "PHP"), "PHP") == amount_minor


def test_a_decimal_comma_is_no_thousands_sign() -> None:
    with i18n.speaking("de_DE"):
        assert typed_minor("12,50", "PHP") == 1250


@pytest.mark.parametrize(("locale", "text"), [
    ("de_DE", "14.99"), ("de_DE", "1,499.50"), ("fil_PH", "1499,00"), ("en_PH", "1499,00"),
])
def test_an_amount_of_another_language_is_refused_and_not_a_hundred_times_itself(locale: str, text: str) -> None:
    with i18n.speaking(locale), pytest.raises(Invalid):
        typed_minor(text, "PHP")


def test_outside_of_any_company_english_is_spoken() -> None:
    assert gettext("Paid %(amount)s", amount="₱1") == "Paid ₱1"
    assert ngettext("%(num)s line", "%(num)s lines", 1200) == "1,200 lines"


def test_a_lazy_message_is_english_to_programs_and_translated_when_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    label = lazy("Name")
    monkeypatch.setattr(Message, "__str__", lambda self: "Pangalan")
    assert (label == "Name", f"{label}", str(label), "-" + label) == (True, "Pangalan", "Pangalan", "-Pangalan")


def test_a_company_speaks_the_english_of_its_country_until_it_chooses(tenant: TenantRef) -> None:
    assert current.tenant.locale == "en_PH"
    with unit_of_work():
        company.change_locale("fil_PH")
    assert registry.by_code(tenant.code).locale == "fil_PH"
    with unit_of_work(), pytest.raises(Invalid):
        company.change_locale("tlh_PH")


def test_pages_of_a_german_company_are_written_so(app: IspbillFlask, tenant: TenantRef) -> None:
    owner()
    with unit_of_work():
        company.change_locale("de_DE")
        customer_id = people.register_customer("Maria Santos").id
    with bound(registry.by_code(tenant.code), SYSTEM):
        browser = Browser(app, tenant)
        browser.sign_in()
        page = browser.get(f"/customers/{customer_id}").text
    assert '<html lang="de-DE">' in page
    assert "0,00\u00a0PHP" in page


@pytest.mark.parametrize(("zone", "country"), [
    ("Asia/Manila", "PH"), ("America/New_York", "US"), ("Etc/UTC", None), ("UTC", None),
])
def test_a_time_zone_tells_the_country(zone: str, country: str | None) -> None:
    assert formats.country_of(zone) == country


@pytest.mark.parametrize(("stored", "in_manila", "in_chicago"), [
    ("+639171234567", "0917 123 4567", "+63 917 123 4567"),
    ("+12125552368", "+1 212-555-2368", "(212) 555-2368"),
    ("ask at the store", "ask at the store", "ask at the store"),
    ("+63", "+63", "+63"),
    ("", "", ""),
])
def test_a_phone_number_reads_as_its_country_writes_it(stored: str, in_manila: str, in_chicago: str) -> None:
    assert [formats.phone(stored, country=country) for country in ("PH", "US")] == [in_manila, in_chicago]
