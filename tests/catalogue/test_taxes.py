"""Taxes and their versions: rules, verbs, pages, API."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ispbill.catalogue.models import TaxRate
from ispbill.catalogue.taxes import queries
from ispbill.catalogue.taxes import service as taxes
from ispbill.catalogue.taxes.policy import (
    ComponentKind,
    TaxComponent,
    TaxVersion,
    checked_components,
    headline,
    spans,
    version_on,
)
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.periods import Period
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import offers
from tests.make.browsers import signed_in

OLD = (TaxComponent("VAT", rate_percent=Decimal(12), is_inclusive=True),)
NEW = (TaxComponent("VAT", rate_percent=Decimal(10), is_inclusive=True),)
VERSIONS = [TaxVersion(date(1900, 1, 1), OLD), TaxVersion(date(2026, 4, 1), NEW)]


@pytest.mark.parametrize(("day", "components"), [
    (date(2026, 3, 31), OLD), (date(2026, 4, 1), NEW), (date(1899, 1, 1), ()),
])
def test_the_newest_version_that_has_begun_applies(day: date, components: tuple[TaxComponent, ...]) -> None:
    assert version_on(VERSIONS, day) == components


def test_a_period_is_cut_where_the_tax_changes() -> None:
    """H18."""
    found = spans(VERSIONS, Period(date(2026, 3, 15), date(2026, 4, 15)))
    assert [(span.period.days, span.components) for span in found] == [(17, OLD), (14, NEW)]
    assert len(spans(VERSIONS, Period(date(2026, 4, 1), date(2026, 5, 1)))) == 1


def test_the_headline_is_the_sum_of_the_rates() -> None:
    parts = [TaxComponent("CGST", rate_percent=Decimal(9)), TaxComponent("SGST", rate_percent=Decimal(9))]
    assert headline(parts).rate_percent == 18 and not headline(parts).is_inclusive


@pytest.mark.parametrize(("parts", "field"), [
    ([], "components"), ([OLD[0]] * 7, "components"), ([OLD[0]._replace(name=" ")], "name"),
    ([OLD[0]._replace(rate_percent=Decimal(100))], "rate_percent"), ([OLD[0]._replace(kind="guess")], "kind"),
    ([TaxComponent("Stamp", ComponentKind.PER_DOCUMENT, amount_minor=5, is_inclusive=True)], "kind"),
    ([TaxComponent("Fee", ComponentKind.PER_UNIT, amount_minor=-5)], "amount"),
    ([TaxComponent("D", ComponentKind.DIVISION, Decimal(60))] * 2, "rate_percent"),
])
def test_what_cannot_be_computed_is_refused_at_its_field(parts: list[TaxComponent], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked_components(parts)
    assert refusal.value.field == field


def test_a_tax_changes_from_a_day_on_and_keeps_what_it_was(tenant: TenantRef) -> None:
    with unit_of_work():
        tax, other = offers.tax("12"), offers.tax("5", mode="exclusive")
        taxes.begin_version(tax, components=NEW, valid_from=current.today() + timedelta(days=30))
        everything = queries.everything()
        assert everything[tax.id].versions == queries.versions_of(tax.id)
        assert [version.components[0].rate_percent for version in everything[tax.id].versions] == [12, 10]
        assert len(everything[other.id].versions) == 1 and tax.rate_percent == 10


def test_a_tax_does_not_change_in_the_past_nor_twice_out_of_order(tenant: TenantRef) -> None:
    with unit_of_work():
        tax, today = offers.tax(), current.today()
        for day in (today - timedelta(days=1), today + timedelta(days=5)):
            if day > today:
                taxes.begin_version(tax, components=NEW, valid_from=today + timedelta(days=9))
            with pytest.raises(Invalid):
                taxes.begin_version(tax, components=NEW, valid_from=day)


def test_a_tax_of_two_parts_is_entered_on_the_page(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        tax, day = offers.tax("18", mode="exclusive", name="GST").id, current.today()
    browser = signed_in(app, tenant)
    assert 'value="18"' in browser.get(f"/taxes/{tax}/version").text
    entered = {"valid_from": day.isoformat(), "name_1": "CGST", "kind_1": "percent", "rate_percent_1": "9",
               "mode_1": "exclusive", "name_2": "Levy", "kind_2": "per_unit", "amount_2": "1.50", "mode_2": "exclusive"}
    answer = browser.post(f"/taxes/{tax}/version", entered)
    page = browser.get(answer.headers["Location"]).text
    assert "CGST" in page and "₱1.50" in page and "in force" in page and "past" in page
    again = browser.post(f"/taxes/{tax}/version", entered)
    assert again.status_code == 422 and "changes on that day already" in again.text
    wrong = browser.post(f"/taxes/{tax}/version", {**entered, "rate_percent_1": "much"})
    assert wrong.status_code == 422 and "Write the rate as a number" in wrong.text


def test_who_may_only_look_changes_no_tax(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        tax = offers.tax().id
    browser = signed_in(app, tenant, permissions=["view_subscriptionplan_list"])
    assert "Change from a day" not in browser.get(f"/taxes/{tax}").text
    assert browser.post(f"/taxes/{tax}/version").status_code == 403


def test_a_removed_tax_takes_its_versions_along(tenant: TenantRef) -> None:
    with unit_of_work():
        tax = offers.tax()
        key = tax.id
        taxes.remove(tax)
        assert db.session.get(TaxRate, key) is None and queries.versions_of(key) == ()
