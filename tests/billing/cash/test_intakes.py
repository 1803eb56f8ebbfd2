"""Cash that is brought into the office for change: from the bank or the owner, and back again where it never came."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from ispbill.billing.cash.intakes import queries
from ispbill.billing.cash.intakes import service as intakes
from ispbill.billing.cash.models import CashOrigin
from ispbill.billing.closing import service as closing
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.core.current import TenantRef, current
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from tests.billing.cash.test_deposits import deposited
from tests.make import days
from tests.make.corrections import booked, findings
from tests.make.drawers import handed, held, office, opened, person, signed, taken


def brought(amount_minor: int, reference: str = "W-1", **facts: Any) -> int:
    """Cash was brought in, from the bank where nothing else is said; the key of its record."""
    with unit_of_work():
        return intakes.bring_in(intakes.IntakeFacts(amount_minor, reference=reference, **facts)).id


def cancelled(intake_id: int, reason: str = "It never came") -> None:
    """It was a mistake."""
    with unit_of_work():
        row = queries.get(intake_id)
        assert row is not None
        intakes.cancel(row, reason=reason)


@pytest.mark.parametrize(("origin", "account"), [(CashOrigin.BANK, AccountPurpose.BANK),
                                                 (CashOrigin.OWNER, AccountPurpose.OWNER)])
def test_a_float_is_given_from_cash_that_was_brought_in(
    tenant: TenantRef, origin: CashOrigin, account: AccountPurpose
) -> None:
    ana, ben = person("Ana"), person("Ben")
    drawer = opened(ana)
    with pytest.raises(Conflict, match="office does not hold"):
        handed(ben, 200_000, source=None, to=drawer)
    brought(500_000, origin=origin)
    assert (booked(AccountPurpose.CASH), booked(account)) == (500_000, -500_000)
    signed(ana, handed(ben, 200_000, source=None, to=drawer))
    assert (held(drawer), office()) == (200_000, 300_000) and findings() == {}


def test_what_never_came_leaves_the_office_again(tenant: TenantRef) -> None:
    first = brought(500_000)
    with pytest.raises(IntegrityError, match="uq_cash_intakes_reference"):
        brought(500_000)
    with pytest.raises(Invalid, match="Say why"):
        cancelled(first, " ")
    cancelled(first)
    assert office() == booked(AccountPurpose.BANK) == 0 and findings() == {}
    with pytest.raises(Conflict, match="cancelled already"):
        cancelled(first)
    brought(500_000)
    assert office() == 500_000 and findings() == {}


def test_what_was_given_away_since_is_not_taken_back(tenant: TenantRef) -> None:
    """A deposit, or a drawer, has the cash that is said never to have come."""
    first = brought(500_000)
    at_bank = deposited(400_000)
    with pytest.raises(Conflict, match="office does not hold"):
        cancelled(first)
    drawer = opened(ana := person("Ana"))
    taken(person("Ben"), 400_000)
    signed(ana, handed(person("Cora"), 100_000, source=None, to=drawer))
    with pytest.raises(Conflict, match="office does not hold"):
        cancelled(first)
    assert at_bank and findings() == {}


def test_cash_may_have_come_on_an_earlier_day_whose_books_are_open(tenant: TenantRef) -> None:
    yesterday = current.today() - timedelta(days=1)
    brought(100_000, came_on=yesterday)
    deposited(100_000, deposited_on=yesterday)
    with days.noon(date(2026, 4, 2)):
        with unit_of_work():
            closing.close(last_day=date(2026, 3, 31))
        with pytest.raises(Conflict, match="closed"):
            brought(100_000, "W-2", came_on=yesterday)
    assert office() == 0 and findings() == {}


@pytest.mark.parametrize(("facts", "message"), [
    ({"amount_minor": 0}, "more than zero"),
    ({"reference": " "}, "withdrawal slip"),
    ({"origin": "till"}, "where the cash came from"),
    ({"came_on": timedelta(days=1)}, "future"),
])
def test_what_is_not_said_of_it_is_refused(tenant: TenantRef, facts: dict[str, Any], message: str) -> None:
    if "came_on" in facts:
        facts = {"came_on": current.today() + facts["came_on"]}
    with pytest.raises(Invalid, match=message), unit_of_work():
        intakes.bring_in(intakes.IntakeFacts(**{"amount_minor": 100, "reference": "W-1", **facts}))


def test_the_owner_s_money_has_no_slip(tenant: TenantRef) -> None:
    brought(100, "", origin=CashOrigin.OWNER)
    brought(100, "", origin=CashOrigin.OWNER)
    assert office() == 200
