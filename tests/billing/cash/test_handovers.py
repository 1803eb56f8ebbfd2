"""Hand-overs: cash is the taker's when both have signed, and never moves before."""
from __future__ import annotations

import pytest

from ispbill.billing.cash.handovers import queries
from ispbill.billing.cash.handovers import service as handovers
from ispbill.core.current import TenantRef
from ispbill.core.errors import Conflict, Forbidden, Invalid
from tests.make.corrections import findings
from tests.make.drawers import by, counted, handed, handover, held, office, opened, person, rule, signed, taken


def test_a_float_is_asked_for_with_the_drawer_and_signed_by_the_office(tenant: TenantRef) -> None:
    ana, ben = person("Ana"), person("Ben")
    taken(ben, 500_000)
    with by(ana):
        session = handovers.begin(float_minor=200_000).id
        (row,) = queries.of_drawer(session)
        key = row.CashHandover.id
    assert held(session) == 0, "the office has not signed yet"
    with pytest.raises(Forbidden, match="Another person signs"):
        signed(ana, key)
    signed(ben, key)
    assert held(session) == 200_000 and office() == 300_000 and findings() == {}


def test_a_full_drawer_is_lightened_and_a_bag_is_turned_over(tenant: TenantRef) -> None:
    ana, ben, rodel = person("Ana"), person("Ben"), person("Rodel", "open_cash_session", "record_payment")
    session, bag = opened(ana), opened(rodel)
    taken(ana, 300_000)
    taken(rodel, 120_000)
    signed(ben, handed(ana, 250_000, source=session, to=None))
    signed(ana, handed(rodel, 120_000, source=bag, to=session))
    assert (held(session), held(bag), office()) == (170_000, 0, 250_000) and findings() == {}


def test_a_side_is_signed_only_by_whose_it_is(tenant: TenantRef) -> None:
    ana, ben, rodel = person("Ana"), person("Ben"), person("Rodel", "open_cash_session", "record_payment")
    session, bag = opened(ana), opened(rodel)
    taken(rodel, 50_000)
    with pytest.raises(Forbidden, match="Only Ana signs"):
        handed(ben, 50_000, source=bag, to=session)
    with pytest.raises(Forbidden, match="Close cash session"):
        handed(rodel, 50_000, source=None, to=session)
    key = handed(rodel, 50_000, source=bag, to=session)
    with pytest.raises(Forbidden, match="Only Ana signs"):
        signed(ben, key)
    signed(ana, key)
    with pytest.raises(Conflict, match="signed by both"):
        signed(ana, key)


def test_nobody_gives_what_is_not_there(tenant: TenantRef) -> None:
    ana, ben = person("Ana"), person("Ben")
    session = opened(ana)
    taken(ana, 10_000)
    with pytest.raises(Conflict, match="drawer of Ana does not hold"):
        handed(ana, 10_001, source=session, to=None)
    with pytest.raises(Conflict, match="office does not hold"):
        handed(ben, 1, source=None, to=session)
    with pytest.raises(Invalid, match="more than zero"):
        handed(ana, 0, source=session, to=None)
    with pytest.raises(Invalid, match="from one to another"):
        handed(ana, 1, source=session, to=session)


def test_a_drawer_is_not_counted_while_a_signature_is_missing_but_a_hand_over_can_be_withdrawn(
    tenant: TenantRef
) -> None:
    ana = person("Ana")
    session = opened(ana)
    taken(ana, 10_000)
    key = handed(ana, 10_000, source=session, to=None)
    with pytest.raises(Conflict, match="not signed yet"):
        counted(ana, session, p100=1)
    with by(ana):
        handovers.withdraw(handover(key))
    counted(ana, session, p100=1)
    assert held(session) == 10_000


def test_one_person_signs_for_both_sides_where_the_company_lets_them(tenant: TenantRef) -> None:
    rule(cash_signed_alone=True)
    ana = person("Ana")
    session = opened(ana)
    taken(ana, 10_000)
    handed(ana, 6_000, source=session, to=None)
    assert held(session) == 4_000 and office() == 6_000 and findings() == {}


def test_cash_that_waits_for_a_signature_is_not_handed_over_twice(tenant: TenantRef) -> None:
    ana, ben, rodel = person("Ana"), person("Ben"), person("Rodel", "open_cash_session", "record_payment")
    session, bag = opened(ana), opened(rodel)
    taken(ana, 10_000)
    first, second = handed(ana, 6_000, source=session, to=None), handed(ana, 3_000, source=session, to=bag)
    with pytest.raises(Conflict, match="already: ₱60.00 to the office, ₱30.00 to Rodel. Have that signed"):
        handed(ana, 1_001, source=session, to=None)
    with pytest.raises(Conflict, match="already: ₱60.00 to the office, ₱30.00 to Rodel"):
        handed(ben, 1_001, source=session, to=None)
    third = handed(ana, 1_000, source=session, to=None)
    for actor, key in ((ben, first), (rodel, second), (ben, third)):
        signed(actor, key)
    assert (held(session), held(bag), office()) == (0, 3_000, 7_000) and findings() == {}


@pytest.mark.parametrize("by_the_taker", [False, True], ids=["withdrawn", "refused"])
def test_a_hand_over_that_is_withdrawn_or_refused_frees_its_cash(tenant: TenantRef, by_the_taker: bool) -> None:
    ana, rodel = person("Ana"), person("Rodel", "open_cash_session", "record_payment")
    session, bag = opened(ana), opened(rodel)
    taken(ana, 10_000)
    key = handed(ana, 10_000, source=session, to=bag)
    with pytest.raises(Conflict, match="₱100.00 to Rodel"):
        handed(ana, 1, source=session, to=None)
    with by(rodel if by_the_taker else ana):
        handovers.withdraw(handover(key))
    signed(rodel, handed(ana, 10_000, source=session, to=bag))
    assert (held(session), held(bag)) == (0, 10_000)


def test_a_float_is_asked_for_once_and_only_of_what_the_office_has(tenant: TenantRef) -> None:
    ana, ben = person("Ana"), person("Ben")
    taken(ben, 30_000)
    with by(ana):
        session = handovers.begin(float_minor=20_000).id
    with pytest.raises(Conflict, match="₱200.00 to Ana"):
        handed(ben, 10_001, source=None, to=session)
    with pytest.raises(Conflict, match="office does not hold"), by(ben):
        handovers.begin(float_minor=30_001)


def test_a_stranger_is_not_told_which_hand_overs_wait(tenant: TenantRef) -> None:
    ana, rodel = person("Ana"), person("Rodel", "open_cash_session", "record_payment")
    session, bag = opened(ana), opened(rodel)
    taken(ana, 10_000)
    handed(ana, 6_000, source=session, to=None)
    with pytest.raises(Conflict, match="waits for a signature already.$"):
        handed(rodel, 5_000, source=session, to=bag)
    handed(rodel, 4_000, source=session, to=bag)
    with pytest.raises(Conflict, match="already: ₱40.00 to Rodel. Have"):
        handed(rodel, 1, source=session, to=bag)
