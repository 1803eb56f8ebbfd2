"""Loading at the same moment, twice, or broken off: the wallet never pays twice and no time is granted unpaid."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid import service as prepaid
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.deferral import service as deferral
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidSubscription
from ispbill.billing.prepaid.upkeep import service as upkeep
from ispbill.billing.wallet import queries as wallet
from ispbill.catalogue.models import Plan
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.billing.prepaid.test_loads import account, rows
from tests.make import bills, loads, offers, people

MONTH = timedelta(days=30)


@pytest.fixture
def maria(tenant: TenantRef) -> tuple[int, int]:
    """A customer with 1,000 in the wallet, and a plan at that price: their ids."""
    with unit_of_work():
        maria, plan = people.register_customer("Maria Santos"), offers.plan(100_000)
    bills.paid(maria.id, 100_000)
    return maria.id, plan.id


def at_the_same_moment(app: IspbillFlask, tenant: TenantRef, times: int, verb: Any) -> list[str]:
    """What comes of a verb done by several at once: “done”, or the kind of refusal."""

    moment = current.now()

    def come(number: int) -> str:
        with app.app_context(), bound(tenant, SYSTEM), at(moment):
            try:
                with unit_of_work():
                    verb(number)
            except Conflict:
                return "refused"
            return "done"

    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(come, range(times)))


def load(customer_id: int, plan_id: int, **facts: Any) -> PrepaidLoad:
    return loads.load(customer_id, plan=db.session.get_one(Plan, plan_id), **facts)


def test_one_wallet_pays_one_of_several_loads_at_the_same_moment(
    app: IspbillFlask, tenant: TenantRef, maria: tuple[int, int]
) -> None:
    came = at_the_same_moment(app, tenant, 4, lambda number: load(*maria, received=None, key=f"click {number}"))
    assert came == ["done", "refused", "refused", "refused"]
    with unit_of_work():
        assert (rows(PrepaidLoad), rows(Invoice), wallet.balance_of(maria[0])) == (1, 1, 0)


def test_a_double_click_loads_once_and_takes_the_money_once(
    app: IspbillFlask, tenant: TenantRef, maria: tuple[int, int]
) -> None:
    line = []
    with unit_of_work():
        line.append(load(*maria, received=None).subscription_id)
    came = at_the_same_moment(app, tenant, 4, lambda _: load(*maria, prepaid_id=line[0], key="the same page"))
    assert came == ["done"] * 4
    with unit_of_work():
        subscription = db.session.get_one(PrepaidSubscription, line[0])
        assert (rows(PrepaidLoad), rows(Payment), rows(Invoice)) == (2, 2, 2)
        assert subscription.expires_at == current.now() + 2 * MONTH


def test_a_load_is_cancelled_once_however_many_try(
    app: IspbillFlask, tenant: TenantRef, maria: tuple[int, int]
) -> None:
    with unit_of_work():
        load_id = load(*maria, received=None).id
    came = at_the_same_moment(app, tenant, 3, lambda _: cancelling.cancel_load(
        db.session.get_one(PrepaidLoad, load_id), reason="wrong line"))
    assert came == ["done", "refused", "refused"]
    with unit_of_work():
        assert wallet.balance_of(maria[0]) == 100_000


def test_the_night_earns_once_however_many_jobs_there_are(
    app: IspbillFlask, tenant: TenantRef, maria: tuple[int, int]
) -> None:
    with unit_of_work():
        load(*maria, received=None)
    noon = current.now() + timedelta(days=10)

    def night(_: int) -> None:
        with at(noon):
            deferral.recognise()
            upkeep.expire_due()

    came = at_the_same_moment(app, tenant, 3, night)
    assert "done" in came
    with unit_of_work():
        assert account("revenue") == -31_667 and account("deferred_revenue") == -68_333


@pytest.mark.parametrize("verb", ["_extended", "_written"])
def test_broken_off_between_debit_and_grant_nothing_has_happened(
    maria: tuple[int, int], monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    def break_off(*facts: object, **more: object) -> None:
        assert rows(Invoice) == 1, "the wallet is debited by now"
        db.session.execute(select(func.pg_terminate_backend(func.pg_backend_pid())))

    with monkeypatch.context() as broken:
        broken.setattr(prepaid, verb, break_off)
        with pytest.raises(DBAPIError), unit_of_work():
            load(*maria, received=None, key="one")
    with unit_of_work():
        assert (rows(PrepaidLoad), rows(PrepaidSubscription), rows(Invoice)) == (0, 0, 0)
        assert wallet.balance_of(maria[0]) == 100_000
        assert load(*maria, received=None, key="one").total_minor == 100_000
        assert wallet.balance_of(maria[0]) == 0
