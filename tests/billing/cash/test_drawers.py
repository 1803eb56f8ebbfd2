"""Drawers: customers' cash goes into the holder's own; it is counted blind and taken over by another person."""
from __future__ import annotations

import pytest

from ispbill.billing.cash import service as drawers
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.payments import queries as payment_queries
from ispbill.billing.payments import service as payments
from ispbill.core.current import SYSTEM, Actor, TenantRef, acting_as
from ispbill.core.errors import Conflict, Forbidden, Invalid
from tests.make import bills
from tests.make.corrections import booked, findings, refunded
from tests.make.drawers import (
    by,
    counted,
    drawer,
    handed,
    held,
    manager,
    office,
    opened,
    person,
    rule,
    signed,
    taken,
    taken_over,
)


def reversed_by(actor: Actor, payment_id: int) -> None:
    with by(actor):
        payment = payment_queries.detail(payment_id)
        assert payment is not None
        payments.reverse(payment, reason="Typed twice")


def test_cash_that_somebody_takes_is_in_their_drawer_and_all_other_cash_in_the_office(tenant: TenantRef) -> None:
    ana, ben = person("Ana"), person("Ben")
    session = opened(ana)
    taken(ana, 150_000)
    taken(ben, 40_000)
    with acting_as(ana):
        bills.paid(bills.unbillable(), 99_900, method="e_wallet", reference="GC-1")
    assert held(session) == 150_000 and office() == 40_000
    assert booked(AccountPurpose.CASH) == 190_000


def test_nobody_holds_two_drawers_and_the_system_none(tenant: TenantRef) -> None:
    ana = person("Ana")
    opened(ana)
    with pytest.raises(Conflict, match="have a drawer already"):
        opened(ana)
    with pytest.raises(Forbidden, match="Only people"):
        opened(SYSTEM)


def test_a_count_that_agrees_is_taken_over_by_another_cashier_and_nothing_is_booked(tenant: TenantRef) -> None:
    ana, ben = person("Ana"), person("Ben")
    session = opened(ana)
    taken(ana, 150_000)
    counted(ana, session, p1000=1, p500=1)
    with pytest.raises(Forbidden, match="Another person"):
        taken_over(ana, session)
    taken_over(ben, session)
    closed = drawer(session)
    assert (closed.status, closed.expected_minor, closed.variance_minor) == ("closed", 150_000, 0)
    assert closed.denominations == {"100000": 1, "50000": 1} and closed.closed_by == "Ben"
    assert held(session) == 0 and office() == 150_000 and findings() == {}


@pytest.mark.parametrize(("notes", "variance"), [(1, -50_000), (2, 50_000)])
def test_a_difference_takes_a_reason_and_the_right_to_accept_it_and_is_booked(
    tenant: TenantRef, notes: int, variance: int
) -> None:
    ana, ben, mona = person("Ana"), person("Ben"), manager()
    session = opened(ana)
    taken(ana, 150_000)
    counted(ana, session, p1000=notes)
    with pytest.raises(Forbidden, match="Approve cash variance"):
        taken_over(ben, session, reason="Wrong change")
    with pytest.raises(Invalid, match="explains the difference"):
        taken_over(mona, session)
    taken_over(mona, session, reason="Wrong change")
    assert drawer(session).variance_minor == variance
    assert booked(AccountPurpose.CASH) == office() == notes * 100_000
    assert booked(AccountPurpose.CASH_OVER_SHORT) == -variance and findings() == {}


def test_a_collector_s_bag_is_taken_into_the_cashier_s_drawer(tenant: TenantRef) -> None:
    rodel, ana = person("Rodel", "open_cash_session", "record_payment"), person("Ana")
    bag, session = opened(rodel), opened(ana)
    taken(rodel, 70_000)
    counted(rodel, bag, p500=1, p200=1)
    taken_over(ana, bag, into_own=True)
    assert held(bag) == 0 and held(session) == 70_000 and office() == 0 and findings() == {}


def test_a_counted_drawer_takes_no_cash_until_it_is_counted_again(tenant: TenantRef) -> None:
    ana = person("Ana")
    session = opened(ana)
    counted(ana, session)
    with pytest.raises(Conflict, match="waits to be taken over"):
        taken(ana, 10_000)
    with by(ana):
        drawers.recount(drawer(session))
    taken(ana, 10_000)
    assert held(session) == 10_000


def test_only_the_holder_counts_and_only_pieces_that_exist(tenant: TenantRef) -> None:
    ana, ben = person("Ana"), person("Ben")
    session = opened(ana)
    with pytest.raises(Forbidden, match="Only who holds"):
        counted(ben, session, p1000=1)
    with pytest.raises(Invalid, match="no note or coin"):
        counted(ana, session, p300=1)
    with pytest.raises(Invalid, match="between 0"):
        counted(ana, session, p1000=-1)
    with pytest.raises(Conflict, match="not counted"):
        taken_over(ben, session)


def test_a_reversed_payment_leaves_the_drawer_it_went_into_or_the_office_where_that_is_closed(
    tenant: TenantRef
) -> None:
    ana, ben = person("Ana"), person("Ben")
    session = opened(ana)
    first, second = taken(ana, 100_000), taken(ana, 50_000)
    reversed_by(ben, first)
    assert held(session) == 50_000
    counted(ana, session, p500=1)
    taken_over(ben, session)
    reversed_by(ben, second)
    assert held(session) == 0 and office() == 0 and findings() == {}


def test_of_a_reversed_payment_only_what_was_handed_on_leaves_the_office(tenant: TenantRef) -> None:
    ana, ben = person("Ana"), person("Ben")
    session = opened(ana)
    payment_id = taken(ana, 100_000)
    signed(ben, handed(ana, 60_000, source=session, to=None))
    reversed_by(ana, payment_id)
    assert held(session) == 0 and office() == 0 and findings() == {}


def test_a_refund_is_paid_from_the_drawer_of_who_pays_it_and_only_from_what_is_there(tenant: TenantRef) -> None:
    ana = person("Ana")
    customer = bills.unbillable()
    bills.paid(customer, 80_000, method="cash")
    session = opened(ana)
    with acting_as(ana), pytest.raises(Conflict, match="does not hold that much"):
        refunded(customer, 80_000, method="cash", reference="")
    taken(ana, 90_000)
    with acting_as(ana):
        refunded(customer, 80_000, method="cash", reference="")
    assert held(session) == 10_000 and office() == 80_000 and findings() == {}


def test_where_cash_needs_a_drawer_it_is_taken_only_by_who_holds_one(tenant: TenantRef) -> None:
    rule(cash_needs_drawer=True)
    ana = person("Ana")
    with pytest.raises(Conflict, match="Open your cash drawer first"):
        taken(ana, 10_000)
    session = opened(ana)
    taken(ana, 10_000)
    assert held(session) == 10_000


def test_where_there_is_one_person_only_they_may_sign_alone(tenant: TenantRef) -> None:
    rule(cash_signed_alone=True)
    ana = person("Ana")
    session = opened(ana)
    taken(ana, 20_000)
    counted(ana, session, p200=1)
    taken_over(ana, session)
    assert office() == 20_000 and findings() == {}
