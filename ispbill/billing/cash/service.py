"""Drawers: opened, counted blind, taken over by another person. Cash that customers pay goes into the actor's own.

Whoever moves cash holds the drawer until the transaction ends, so that a count stands for what was there.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ispbill.billing.cash import queries
from ispbill.billing.cash.handovers import queries as handovers
from ispbill.billing.cash.models import CashMovement, CashSession, CashSessionStatus, MovementKind
from ispbill.billing.cash.policy import counted_minor, written_denominations
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import cash_found
from ispbill.company import service as company
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Forbidden, Invalid
from ispbill.core.i18n import gettext as _


def open_session() -> CashSession:
    """Open a drawer for the actor, with nothing in it. Raises Forbidden for who is no person, Conflict for a second.
    """
    holder = person()
    # Whoever opens two at once waits here for the first.
    queries.hold_user(holder)
    if queries.live_of(holder) is not None:
        raise Conflict(_("You have a drawer already. Count it and have it taken over first."))
    session = CashSession(holder_id=holder, holder_name=current.actor.name, status=CashSessionStatus.OPEN,
                          opened_at=current.now())
    db.session.add(session)
    db.session.flush()
    return session


def count(session: CashSession, denominations: Mapping[int, int]) -> CashSession:
    """Say what is in one's drawer, piece by piece; it then waits for the person who takes it over.

    Raises Forbidden for another's drawer, Invalid for pieces that do not exist, Conflict where it is not open or a
    hand-over still waits for a signature.
    """
    hold(session)
    if session.holder_id != person():
        raise Forbidden(_("Only who holds the drawer counts it."))
    require_open(session)
    if handovers.of_drawer(session.id):
        raise Conflict(_("A hand-over of this drawer is not signed yet. Have it signed, or withdraw it."))
    session.counted_minor = counted_minor(denominations, currency=current.tenant.currency)
    session.denominations = written_denominations(denominations)
    session.status, session.counted_at = CashSessionStatus.COUNTED, current.now()
    db.session.flush()
    return session


def recount(session: CashSession) -> CashSession:
    """Forget a count, so that the drawer is counted again. Raises Forbidden for another's, Conflict without a count."""
    hold(session)
    if session.holder_id != current.actor.user_id:
        current.require("close_cash_session")
    _require_counted(session)
    session.status, session.counted_minor = CashSessionStatus.OPEN, None
    session.denominations = session.counted_at = None
    db.session.flush()
    return session


def take_over(session: CashSession, *, reason: str = "", into_own: bool = False) -> CashSession:
    """Take the counted cash, for the office or into one's own drawer, and close the drawer.

    What was found beyond the expected, or missing, is booked; that takes a reason and the right to accept it. Raises
    Forbidden for one's own drawer where two must sign, Invalid without the reason, Conflict where it is not counted.
    """
    taker = person()
    own = _own_drawer(taker) if into_own else None
    hold(session, own)
    _require_counted(session)
    if own is not None:
        require_open(own)
    if session.holder_id == taker and (own is not None or not company.settings().cash_signed_alone):
        raise Forbidden(_("Another person takes over what you have counted."))
    counted = session.counted_minor or 0
    session.expected_minor = queries.held_minor(session.id)
    session.variance_minor = counted - session.expected_minor
    if session.variance_minor:
        _accept(session, session.variance_minor, reason)
    if counted:
        move(session, MovementKind.TAKEN_OVER, -counted)
        if own is not None:
            move(own, MovementKind.TAKEN_OVER, counted)
    session.status, session.closed_by_id = CashSessionStatus.CLOSED, taker
    session.closed_by, session.closed_at = current.actor.name, current.now()
    db.session.flush()
    return session


def receive(payment_id: int, amount_minor: int) -> None:
    """Put the cash of a payment into the actor's drawer; without one it lies in the office.

    Raises Conflict where cash needs a drawer and there is none, and where the drawer is counted already.
    """
    drawer = _drawer()
    if drawer is not None:
        move(drawer, MovementKind.PAYMENT, amount_minor, payment_id=payment_id)


def give_back(payment_id: int, amount_minor: int) -> None:
    """Take the cash of a reversed payment out of the drawer it went into; where that is closed, out of the office.

    What an open drawer handed on since is in it no longer, and comes out of the office.
    """
    drawer = _still_open(queries.drawer_of(CashMovement.payment_id == payment_id))
    there_minor = min(queries.held_minor(drawer.id), amount_minor) if drawer is not None else 0
    if drawer is not None and there_minor:
        move(drawer, MovementKind.PAYMENT_REVERSED, -there_minor, payment_id=payment_id)


def pay_out(refund_id: int, amount_minor: int) -> None:
    """Take the cash of a refund out of the actor's drawer. Raises Conflict as `receive` does, and for too little."""
    drawer = _drawer()
    if drawer is not None:
        require_held(drawer, amount_minor)
        move(drawer, MovementKind.REFUND, -amount_minor, refund_id=refund_id)


def put_back(refund_id: int, amount_minor: int) -> None:
    """Put the cash of a cancelled refund back where it came from; where that is closed, into the office."""
    drawer = _still_open(queries.drawer_of(CashMovement.refund_id == refund_id))
    if drawer is not None:
        move(drawer, MovementKind.REFUND_CANCELLED, amount_minor, refund_id=refund_id)


def move(session: CashSession, kind: MovementKind, amount_minor: int, **source: int) -> None:
    """Write a movement of a drawer that is held; `source` names the payment, the refund or the hand-over."""
    db.session.add(CashMovement(session_id=session.id, kind=kind, amount_minor=amount_minor,
                                moved_by=current.actor.name, moved_at=current.now(), **source))
    db.session.flush()


def hold(*sessions: CashSession | None) -> None:
    """Hold drawers until the transaction ends, always in the same order, and see them as they stand now."""
    for session in sorted((each for each in sessions if each is not None), key=lambda each: each.id):
        db.session.refresh(session, with_for_update=True)


def person() -> int:
    """The user who acts. Raises Forbidden for the system: only people hold cash."""
    if current.actor.user_id is None:
        raise Forbidden(_("Only people hold cash."))
    return current.actor.user_id


def require_open(session: CashSession) -> None:
    """Raises Conflict unless cash may go into the drawer and out of it."""
    if session.status == CashSessionStatus.COUNTED:
        raise Conflict(_("The drawer of %(holder)s is counted and waits to be taken over. Count it again to go on.",
                         holder=session.holder_name))
    if session.status == CashSessionStatus.CLOSED:
        raise Conflict(_("The drawer of %(holder)s is closed.", holder=session.holder_name))


def require_held(session: CashSession, amount_minor: int) -> None:
    """Raises Conflict where less than that is in the drawer."""
    if queries.held_minor(session.id) < amount_minor:
        raise Conflict(_("The drawer of %(holder)s does not hold that much.", holder=session.holder_name),
                       field="amount")


def require_in_office(amount_minor: int) -> None:
    """Hold the cash of the office. Raises Conflict where less than that lies there."""
    queries.hold_office()
    if queries.office_minor() < amount_minor:
        raise Conflict(_("The office does not hold that much."), field="amount")


def require_in_office_since(day: date, amount_minor: int, *, field: str) -> None:
    """Hold the cash of the office. Raises Conflict where less lies there, or was in the books on a day from one on."""
    require_in_office(amount_minor)
    short_on = queries.day_short_of(amount_minor, since=day)
    if short_on is not None:
        raise Conflict(_("So much cash was not there on %(day)s.", day=formats.short_date(short_on)), field=field)


def _accept(session: CashSession, variance_minor: int, reason: str) -> None:
    current.require("approve_cash_variance")
    if not reason.strip():
        raise Invalid(_("Say what explains the difference, or that nothing does."), field="reason")
    session.variance_reason = reason.strip()
    move(session, MovementKind.VARIANCE, variance_minor)
    ledger.post([ledger.Entry(current.today(), "cash_session", session.id,
                              f"Cash difference of {session.holder_name}", cash_found(variance_minor))])


def _require_counted(session: CashSession) -> None:
    if session.status != CashSessionStatus.COUNTED:
        raise Conflict(_("The drawer is not counted."))


def _own_drawer(holder: int) -> CashSession:
    drawer = queries.live_of(holder)
    if drawer is None:
        raise Conflict(_("You have no open drawer."))
    return drawer


def _drawer() -> CashSession | None:
    """The actor's drawer, held; None where the cash lies in the office."""
    holder = current.actor.user_id
    if holder is None:
        return None
    drawer = queries.hold_live_of(holder)
    if drawer is not None:
        require_open(drawer)
    elif company.settings().cash_needs_drawer:
        raise Conflict(_("Open your cash drawer first: here cash is taken only by who holds one."), field="method")
    return drawer


def _still_open(session: CashSession | None) -> CashSession | None:
    if session is None:
        return None
    hold(session)
    return session if session.status == CashSessionStatus.OPEN else None
