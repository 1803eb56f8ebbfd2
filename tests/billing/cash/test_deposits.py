"""Deposits: cash of the office goes to the bank by the bank's slip, once."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from ispbill.billing.cash.deposits import queries
from ispbill.billing.cash.deposits import service as deposits
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import days
from tests.make.corrections import booked, findings
from tests.make.drawers import office, opened, person, taken


def deposited(amount_minor: int, reference: str = "S-1", **facts: Any) -> int:
    with unit_of_work():
        return deposits.deposit(deposits.DepositFacts(amount_minor, "BDO savings", reference, **facts)).id


def test_a_deposit_moves_the_office_s_cash_to_the_bank(tenant: TenantRef) -> None:
    taken(person("Ana"), 120_000)
    deposited(100_000, denominations={100_000: 1})
    assert office() == 20_000 and booked(AccountPurpose.BANK) == 100_000 and findings() == {}


def test_only_what_lies_in_the_office_can_be_deposited(tenant: TenantRef) -> None:
    ana = person("Ana")
    opened(ana)
    taken(ana, 100_000)
    with pytest.raises(Conflict, match="office does not hold"):
        deposited(100_000)


def test_a_slip_counts_once_while_it_stands(tenant: TenantRef) -> None:
    taken(person("Ana"), 300_000)
    first = deposited(100_000)
    with pytest.raises(IntegrityError, match="uq_cash_deposits_reference"):
        deposited(100_000)
    with unit_of_work():
        row = queries.get(first)
        assert row is not None
        deposits.cancel(row, reason="The bank never had it")
    assert office() == 300_000 and booked(AccountPurpose.BANK) == 0
    deposited(100_000)
    assert office() == 200_000 and findings() == {}
    with pytest.raises(Conflict, match="cancelled already"), unit_of_work():
        row = queries.get(first)
        assert row is not None
        deposits.cancel(row, reason="Again")


@pytest.mark.parametrize(("facts", "message"), [
    ({"amount_minor": 0}, "more than zero"),
    ({"denominations": {100_000: 2}}, "do not come to the amount"),
    ({"bank": " "}, "Name the bank"),
    ({"reference": ""}, "deposit slip"),
    ({"deposited_on": timedelta(days=1)}, "future"),
])
def test_what_a_slip_does_not_say_is_refused(tenant: TenantRef, facts: dict[str, Any], message: str) -> None:
    taken(person("Ana"), 300_000)
    if "deposited_on" in facts:
        facts = {"deposited_on": current.today() + facts["deposited_on"]}
    given = {"amount_minor": 100_000, "bank": "BDO", "reference": "S-1", **facts}
    with pytest.raises(Invalid, match=message), unit_of_work():
        deposits.deposit(deposits.DepositFacts(**given))


def test_cash_is_not_paid_in_before_it_came(tenant: TenantRef) -> None:
    taken(person("Ana"), 300_000)
    with pytest.raises(Conflict, match="not there on 9 Mar 2026"):
        deposited(100_000, deposited_on=current.today() - timedelta(days=1))


def test_cash_that_went_out_since_is_not_paid_in_on_an_earlier_day(tenant: TenantRef) -> None:
    """What came in today cannot have been paid in before another slip took all that there was."""
    yesterday, today = current.today() - timedelta(days=1), current.today()
    with days.noon(yesterday - timedelta(days=1)):
        taken(person("Ana"), 100_000)
    with days.noon(yesterday):
        deposited(100_000)
    taken(person("Ben"), 100_000)
    for day in (yesterday - timedelta(days=1), yesterday):
        with pytest.raises(Conflict, match="not there on 9 Mar 2026"):
            deposited(100_000, "S-2", deposited_on=day)
    deposited(100_000, "S-2", deposited_on=today)


def test_two_deposits_at_once_spend_the_office_s_cash_once(app: IspbillFlask, tenant: TenantRef) -> None:
    taken(person("Ana"), 100_000)

    def attempt(reference: str) -> bool:
        with app.app_context(), bound(tenant, SYSTEM):
            try:
                deposited(100_000, reference)
            except Conflict:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, ("S-1", "S-2"))) == [False, True]
    assert office() == 0 and findings() == {}
