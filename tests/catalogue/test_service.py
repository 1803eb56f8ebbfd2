"""Plans, price versions and taxes through the verbs."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from ispbill.catalogue import queries
from ispbill.catalogue import service as catalogue
from ispbill.catalogue.policy import PlanFacts
from ispbill.catalogue.taxes import service as taxes
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import queries as subscriptions
from tests.make import offers, people


def test_a_plan_is_sold_at_the_price_in_force(tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100, valid_from=date(2026, 1, 1))
        catalogue.set_price(plan, amount_minor=200, valid_from=date(2026, 4, 1))
        assert catalogue.price_in_force(plan, on=date(2026, 3, 31)) == 100
        assert catalogue.price_in_force(plan, on=date(2026, 4, 1)) == 200
        with pytest.raises(Invalid, match="no price on 2025-12-31"):
            catalogue.price_in_force(plan, on=date(2025, 12, 31))


def test_a_new_price_leaves_the_old_one_with_who_has_it(tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100)
        for _ in range(2):
            offers.subscribe(plans=[(plan, 1, None)])
        catalogue.set_price(plan, amount_minor=150, valid_from=date(2026, 3, 10))
        offers.subscribe(plans=[(plan, 1, None)])
        held = subscriptions.holders_by_price(plan.id)
        assert [(row.unit_price_minor, row.subscription_count) for row in held] == [(150, 1), (100, 2)]
        assert subscriptions.count_by_plan([plan.id]) == {plan.id: 3}


def test_one_day_has_one_price(tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100, valid_from=date(2026, 1, 1))
        with pytest.raises(IntegrityError), db.session.begin_nested():
            catalogue.set_price(plan, amount_minor=200, valid_from=date(2026, 1, 1))


@pytest.mark.parametrize("amount_minor", [-1, 10**15 + 1])
def test_a_price_is_an_amount_that_can_be(tenant: TenantRef, amount_minor: int) -> None:
    with pytest.raises(Invalid), unit_of_work():
        offers.plan(amount_minor)


def test_a_retired_plan_keeps_its_holders_but_takes_no_more(tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan()
        offers.subscribe(plans=[(plan, 1, None)])
        catalogue.retire(plan)
        with pytest.raises(Conflict, match="retired"):
            offers.subscribe(plans=[(plan, 1, None)])
        assert subscriptions.count_by_plan([plan.id]) == {plan.id: 1}
        assert queries.offers(on=date(2026, 3, 10)) == []
        with pytest.raises(Conflict):
            catalogue.retire(plan)
        catalogue.activate(plan)
        with pytest.raises(Conflict):
            catalogue.activate(plan)


def test_only_a_plan_that_nobody_ever_had_is_removed(tenant: TenantRef) -> None:
    with unit_of_work():
        unused, used = offers.plan(), offers.plan()
        offers.subscribe(plans=[(used, 1, None)])
        catalogue.remove(unused)
        with pytest.raises(IntegrityError), db.session.begin_nested():
            catalogue.remove(used)
        assert queries.count(queries.PlanFilter()) == 1


def test_a_plan_is_given_only_a_tax_in_use_but_keeps_the_one_it_has(tenant: TenantRef) -> None:
    with unit_of_work():
        vat = offers.tax()
        plan = offers.plan(tax=vat)
        taxes.retire(vat)
        facts = PlanFacts(code=plan.code, name="Renamed", tax_rate_id=vat.id)
        assert catalogue.change(plan, facts=facts).name == "Renamed"
        with pytest.raises(Invalid):
            offers.plan(tax=vat)
        with pytest.raises(Invalid):
            catalogue.add(PlanFacts(code="X", name="X", tax_rate_id=999), amount_minor=1)


def test_a_tax_is_retired_used_again_and_removed_while_nothing_has_it(tenant: TenantRef) -> None:
    with unit_of_work():
        vat = offers.tax()
        taxes.retire(vat)
        with pytest.raises(Conflict):
            taxes.retire(vat)
        taxes.activate(vat)
        with pytest.raises(Conflict):
            taxes.activate(vat)
        offers.plan(tax=vat)
        with pytest.raises(IntegrityError), db.session.begin_nested():
            taxes.remove(vat)
        taxes.remove(offers.tax())


def test_codes_are_unique_whatever_their_capitals(tenant: TenantRef) -> None:
    with unit_of_work():
        offers.plan(code="FIBER-50")
        assert queries.by_code("fiber-50") is not None
        with pytest.raises(IntegrityError), db.session.begin_nested():
            offers.plan(code="fiber-50")


def test_offers_show_the_price_of_the_day(tenant: TenantRef) -> None:
    with unit_of_work():
        offers.plan(100, valid_from=date(2026, 4, 1), name="Later")
        people.register_customer()
        assert [(o.name, o.amount_minor) for o in queries.offers(on=date(2026, 3, 31))] == [("Later", None)]
        assert [(o.name, o.amount_minor) for o in queries.offers(on=date(2026, 4, 1))] == [("Later", 100)]
