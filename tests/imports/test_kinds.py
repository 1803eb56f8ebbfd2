"""Each kind of import: what a file adds, what it changes when it comes again, and what is taken back of it."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from ispbill.areas.models import Area
from ispbill.billing.closing import service as closing
from ispbill.billing.contracts.models import SubscriptionContract
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.proof import service as proof
from ispbill.catalogue import queries as catalogue
from ispbill.catalogue.contracts import service as contracts
from ispbill.catalogue.contracts.policy import ContractFacts
from ispbill.catalogue.models import Plan, PlanPrice
from ispbill.core.current import TenantRef
from ispbill.core.db import TenantModel, db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.imports import queries
from ispbill.imports.models import RowStatus
from ispbill.network.routers.models import Router
from ispbill.plant.lcps import queries as lcps
from ispbill.plant.models import Lcp, Nap, NapPort, Splitter
from ispbill.subscriptions.imports import service as shell
from ispbill.subscriptions.models import Subscription
from tests.imports.test_kit import counts
from tests.make import bills, offers, people
from tests.make.uploads import brought_in, looked_at, taken_back, uploaded

MARCH = date(2026, 3, 1)
AREAS = "Province,Town,Village\nCavite,Bacoor,Molino\nCavite,Imus,\n"
LCPS = "code,name,area\nLCP-1,Molino junction,Cavite > Bacoor\n"
NAPS = "nap,lcp,splitter,ports\nNAP-1,lcp-1,s1,16\nNAP-2,LCP-1,S1,\n"
ROUTERS = "Maker,Type,S/N,MAC,notes\nHuawei,HG8145V5,s1,a42bb0010203,old\nZTE,F670L,S2,,\n"


def count(model: type[TenantModel]) -> int:
    with unit_of_work():
        return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def problems(kind: str, content: str, **facts: Any) -> list[str]:
    return [error.problem for error in looked_at(kind, content, **facts).errors]


def test_areas_come_as_paths_and_go_again(tenant: TenantRef) -> None:
    batch = brought_in("areas", AREAS)
    assert counts(batch) == (2, 0, 0, 0) and count(Area) == 4
    assert counts(brought_in("areas", AREAS)) == (0, 0, 2, 0)
    taken_back(batch.id)
    assert count(Area) == 0


def test_an_area_in_which_somebody_lives_by_now_stays_with_those_around_it(tenant: TenantRef) -> None:
    batch = brought_in("areas", AREAS)
    brought_in("customers", "name,area\nAna,Cavite > Bacoor > Molino\n")
    taken_back(batch.id)
    with unit_of_work():
        assert sorted(db.session.scalars(select(Area.name))) == ["Bacoor", "Cavite", "Molino"]
        (kept,) = queries.rows_with(batch.id, RowStatus.KEPT)
        assert kept.problem == "It is used by now: customers."


def test_plans_come_with_prices_and_another_price_is_a_new_version(tenant: TenantRef) -> None:
    first = "Plan code,Plan name,Monthly fee,Speed\nfiber-50,Fiber 50,1499,50\nfiber-100,Fiber 100,1999.50,100\n"
    batch = brought_in("plans", first, day=MARCH)
    assert counts(batch) == (2, 0, 0, 0) and count(PlanPrice) == 2
    assert counts(brought_in("plans", first, day=MARCH)) == (0, 0, 2, 0)
    other = first.replace("1499", "1599").replace("Fiber 100", "Fiber Hundred")
    again = brought_in("plans", other, day=date(2026, 4, 1))
    assert counts(again) == (0, 2, 0, 0)
    with unit_of_work():
        plan = catalogue.by_code("FIBER-50")
        assert plan is not None
        prices = (catalogue.price_in_force(plan.id, on=MARCH), catalogue.price_in_force(plan.id, on=date(2026, 4, 1)))
        assert prices == (149_900, 159_900)
    taken_back(again.id)
    with unit_of_work():
        renamed = catalogue.by_code("FIBER-100")
        assert renamed is not None and renamed.name == "Fiber 100"
    taken_back(batch.id)
    assert (count(Plan), count(PlanPrice)) == (0, 0)


def test_what_is_wrong_with_a_plan_is_said_by_column(tenant: TenantRef) -> None:
    content = "code,name,price,tax\nA,One,,\nA B,Two,1,\nC,Three,1,GST\nD,Four,1,\nd,Five,1,\n"
    assert problems("plans", content) == [
        "Nothing stands here.", "A code has 1 to 30 letters, digits, dots or dashes, such as FIBER-50.",
        "No tax that is in use has this name.", "This stands in line 5 already.",
    ]


def test_the_plant_comes_from_cabinet_to_port(tenant: TenantRef) -> None:
    brought_in("areas", AREAS)
    cabinets = brought_in("lcps", LCPS)
    boxes = brought_in("naps", NAPS)
    assert (count(Lcp), count(Splitter), count(Nap), count(NapPort)) == (1, 1, 2, 24)
    assert counts(brought_in("naps", NAPS.replace("16", "8"))) == (0, 1, 1, 0)
    assert counts(brought_in("lcps", LCPS.replace("junction", "corner"))) == (0, 1, 0, 0)
    with unit_of_work():
        assert lcps.by_codes(["LCP-1"])["LCP-1"].name == "Molino corner"
    taken_back(cabinets.id)
    assert count(Lcp) == 1, "splitters are in it"
    taken_back(boxes.id)
    assert (count(Splitter), count(Nap), count(NapPort)) == (0, 0, 0)


def test_a_part_that_hangs_on_nothing_is_refused(tenant: TenantRef) -> None:
    assert problems("naps", NAPS) == ["There is no LCP with this code."] * 2
    assert problems("lcps", LCPS) == ["There is no such area."]
    assert len(problems("lcps", "code,name,latitude\nL,Lost,14.6\n")) == 1


def test_routers_come_by_serial_number_and_are_corrected_when_they_come_again(tenant: TenantRef) -> None:
    batch = brought_in("routers", ROUTERS)
    assert counts(batch) == (2, 0, 0, 0)
    again = brought_in("routers", ROUTERS.replace("HG8145V5", "HG8546M").replace("old", ""))
    assert counts(again) == (0, 1, 1, 0)
    with unit_of_work():
        router = db.session.scalars(select(Router).where(Router.serial_number == "S1")).one()
        assert (router.model, router.notes, router.mac_address) == ("HG8546M", "old", "A4:2B:B0:01:02:03")
    taken_back(again.id)
    taken_back(batch.id)
    assert count(Router) == 0


def test_each_router_stands_once_in_a_file_however_its_numbers_are_written(tenant: TenantRef) -> None:
    lines = "Huawei,HG8145,S1,A42BB0010203\nHuawei,HG8145,s1,a4:2b:b0:01:02:03\n"
    found = looked_at("routers", f"brand,model,serial_number,mac_address\n{lines}").errors
    assert [(error.line, error.column, error.problem) for error in found] == [
        (3, "serial_number", "This stands in line 2 already."), (3, "mac_address", "This stands in line 2 already.")]


def test_customers_come_with_subscriptions_and_a_billed_one_stays(tenant: TenantRef) -> None:
    with unit_of_work():
        code = offers.plan(149_900).code
    content = f"name,plan_code,start_on,status\nAna,{code},2026-03-10,active\nBen,{code},2026-03-10,suspended\n"
    batch = brought_in("customers", content)
    assert counts(batch) == (2, 0, 0, 0) and count(Subscription) == 2
    assert counts(brought_in("customers", content)) == (0, 0, 2, 0), "the same file names the same people"
    bills.jobs.bill_now(date(2026, 3, 10))
    taken_back(batch.id)
    with unit_of_work():
        assert list(db.session.scalars(select(Customer.name))) == ["Ana"]
        (kept,) = queries.rows_with(batch.id, RowStatus.KEPT)
        assert "invoice lines" in kept.problem and "invoices" in kept.problem


def test_what_the_shell_brought_in_can_be_taken_back_too(tenant: TenantRef) -> None:
    with unit_of_work():
        shell.run(b"name\nAna\nBen\n", file_name="people.csv")
    with unit_of_work():
        (batch,) = queries.everything(queries.listing(["customers"]))
    taken_back(batch.id)
    assert count(Customer) == 0


def test_a_subscription_that_begins_in_a_closed_month_is_refused_line_by_line(tenant: TenantRef) -> None:
    with unit_of_work():
        code = offers.plan(149_900).code
        ana = people.register_customer("Ana").account_number
        closing.close(last_day=date(2026, 2, 28))
    content = f"account,plan,start_on\n{ana},{code},2026-02-28\n"
    (problem,) = problems("subscriptions", content)
    assert problem.startswith("The books are closed to 28 Feb 2026")


def test_subscriptions_begin_for_customers_who_are_there(tenant: TenantRef) -> None:
    with unit_of_work():
        code = offers.plan(149_900).code
        ana = people.register_customer("Ana", external_reference="1042").account_number
        people.register_customer("Ben", external_reference="1043")
    content = f"account,old id,plan,reference,price\n{ana},,{code},SUB-1,1399\n,1043,{code},SUB-2,\n"
    loaded = looked_at("subscriptions", content, day=date(2026, 4, 1))
    assert [total.value for total in loaded.totals] == [2, 2, 139_900 + 149_900]
    batch = brought_in("subscriptions", content, day=date(2026, 4, 1))
    assert counts(batch) == (2, 0, 0, 0)
    assert counts(brought_in("subscriptions", content, day=date(2026, 4, 1))) == (0, 0, 2, 0)
    assert problems("subscriptions", "account,plan\nNOBODY,NOTHING\n") == [
        "There is no such customer.", "There is no plan with this code."]
    taken_back(batch.id)
    assert count(Subscription) == 0


def test_a_subscription_that_began_with_a_contract_is_taken_back_with_it(tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan()
        contracts.bind(plan, facts=ContractFacts(months=24))
        ana, code = people.register_customer("Ana").account_number, plan.code
    batch = brought_in("subscriptions", f"account,plan,reference\n{ana},{code},SUB-1\n")
    assert count(Subscription) == count(SubscriptionContract) == 1
    taken_back(batch.id)
    assert count(Subscription) == count(SubscriptionContract) == 0


def test_opening_balances_are_owed_age_and_settle(tenant: TenantRef) -> None:
    with unit_of_work():
        ana, ben, cleo = (people.register_customer(name) for name in ("Ana", "Ben", "Cleo"))
        ids, numbers = (ana.id, ben.id, cleo.id), (ana.account_number, ben.account_number, cleo.account_number)
    content = f"account no,balance\n{numbers[0]},1499.00\n{numbers[1]},-200\n{numbers[2]},0\n"
    loaded = looked_at("opening_balances", content, day=MARCH)
    assert [total.value for total in loaded.totals] == [2, 149_900, 20_000, 129_900]
    batch = brought_in("opening_balances", content, day=MARCH)
    assert counts(batch) == (2, 0, 1, 0)
    with unit_of_work():
        assert ledger.balances(ids) == {ids[0]: 149_900, ids[1]: -20_000, ids[2]: 0}
        kinds = {(document.kind, document.issued_on) for document in db.session.scalars(select(Invoice))}
        assert kinds == {("debit_note", MARCH), ("credit_note", MARCH)}
    assert counts(brought_in("opening_balances", content, day=MARCH)) == (0, 0, 3, 0)
    assert counts(brought_in("opening_balances", content.replace("1499", "1400"), day=MARCH)) == (0, 1, 2, 0)
    with unit_of_work():
        assert ledger.balance_of(ids[0]) == 140_000


def test_an_opening_balance_that_is_paid_is_not_taken_back(tenant: TenantRef) -> None:
    with unit_of_work():
        ana, ben = people.register_customer("Ana"), people.register_customer("Ben")
        ids, numbers = (ana.id, ben.id), (ana.account_number, ben.account_number)
    batch = brought_in("opening_balances", f"account,amount\n{numbers[0]},500\n{numbers[1]},700\n", day=MARCH)
    bills.paid(ids[0], 10_000)
    taken_back(batch.id)
    with unit_of_work():
        assert ledger.balances(ids) == {ids[0]: 40_000, ids[1]: 0}
        (kept,) = queries.rows_with(batch.id, RowStatus.KEPT)
        assert "is paid or used by now" in kept.problem
        assert proof.check().finding_count == 0


def test_nothing_is_brought_over_into_closed_books(tenant: TenantRef) -> None:
    with unit_of_work():
        number = people.register_customer("Ana").account_number
        closing.close(last_day=date(2026, 2, 28))
    content = f"account,amount\n{number},500\n"
    with pytest.raises(Conflict, match="The books are closed"):
        uploaded("opening_balances", content, day=date(2026, 2, 1))
    assert problems("opening_balances", content, day=MARCH) == []


def test_a_file_too_large_is_refused(tenant: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ispbill.imports.service.MOST_BYTES", 10)
    with pytest.raises(Invalid):
        brought_in("areas", AREAS)
