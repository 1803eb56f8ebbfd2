"""Hand-overs of cash between drawers and the office. Cash moves when both have signed, and never before."""
from __future__ import annotations

from ispbill.billing.cash import queries
from ispbill.billing.cash import service as drawers
from ispbill.billing.cash.handovers import queries as handovers
from ispbill.billing.cash.models import CashHandover, CashSession, MovementKind
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db
from ispbill.core.errors import Conflict, Forbidden, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money


def begin(*, float_minor: int = 0) -> CashSession:
    """Open a drawer for the actor, with a float from the office that somebody there must sign for."""
    session = drawers.open_session()
    if float_minor:
        hand_over(float_minor, source=None, to=session)
    return session


def hand_over(amount_minor: int, *, source: CashSession | None, to: CashSession | None) -> CashHandover:
    """Sign for cash that goes from one drawer, or the office (None), to another; the other side signs next.

    The actor signs for their own drawer, or else for the office. Where one person may sign for both, and is both, the
    cash moves at once. Raises Forbidden for who is of neither side, Invalid for the amount, Conflict where a drawer is
    not open, or the cash is not there or waits to leave already.
    """
    actor_id = drawers.person()
    if amount_minor <= 0:
        raise Invalid(_("The amount must be more than zero."), field="amount")
    if (source and source.id) == (to and to.id):
        raise Invalid(_("Cash goes from one to another."))
    drawers.hold(source, to)
    for side in filter(None, (source, to)):
        drawers.require_open(side)
    giving = _is_own(source, actor_id) or (source is None and not _is_own(to, actor_id))
    _require_side(source if giving else to)
    handover = CashHandover(from_session_id=source and source.id, to_session_id=to and to.id,
                            amount_minor=amount_minor)
    _put_signature(handover, giving=giving)
    _require_free(source, to, amount_minor)
    db.session.add(handover)
    db.session.flush()
    if company.settings().cash_signed_alone and _may_sign(to if giving else source):
        _put_signature(handover, giving=not giving)
        _move(handover, source, to)
    return handover


def sign(handover: CashHandover) -> CashHandover:
    """Sign for the other side; the cash is the taker's from now on.

    Raises Forbidden for who is not of that side, or has signed for the other; Conflict where nothing is to be signed
    or the cash is not there.
    """
    person = drawers.person()
    source, to = _sides(handover)
    _hold(handover, source, to)
    giving = handover.given_at is None
    _require_side(source if giving else to)
    if person in (handover.given_by_id, handover.taken_by_id) and not company.settings().cash_signed_alone:
        raise Forbidden(_("Another person signs for the other side."))
    _put_signature(handover, giving=giving)
    _move(handover, source, to)
    return handover


def withdraw(handover: CashHandover) -> CashHandover:
    """Take a hand-over back that one side has not signed. Raises Forbidden for strangers, Conflict where it is done."""
    source, to = _sides(handover)
    _hold(handover, source, to)
    if current.actor.user_id not in {side.holder_id for side in (source, to) if side is not None}:
        current.require("close_cash_session")
    handover.withdrawn_by, handover.withdrawn_at = current.actor.name, current.now()
    db.session.flush()
    return handover


def _move(handover: CashHandover, source: CashSession | None, to: CashSession | None) -> None:
    _require_there(source, handover.amount_minor)
    for side, amount_minor in ((source, -handover.amount_minor), (to, handover.amount_minor)):
        if side is not None:
            drawers.require_open(side)
            drawers.move(side, MovementKind.HANDOVER, amount_minor, handover_id=handover.id)


def _put_signature(handover: CashHandover, *, giving: bool) -> None:
    actor, now = current.actor, current.now()
    if giving:
        handover.given_by_id, handover.given_by, handover.given_at = actor.user_id, actor.name, now
    else:
        handover.taken_by_id, handover.taken_by, handover.taken_at = actor.user_id, actor.name, now


def _sides(handover: CashHandover) -> tuple[CashSession | None, CashSession | None]:
    return (queries.get(handover.from_session_id) if handover.from_session_id else None,
            queries.get(handover.to_session_id) if handover.to_session_id else None)


def _hold(handover: CashHandover, *sides: CashSession | None) -> None:
    drawers.hold(*sides)
    db.session.refresh(handover, with_for_update=True)
    if not handover.waits:
        raise Conflict(_("This hand-over is signed by both, or withdrawn."))


def _require_there(source: CashSession | None, amount_minor: int) -> None:
    if source is not None:
        drawers.require_held(source, amount_minor)
    else:
        drawers.require_in_office(amount_minor)


def _require_free(source: CashSession | None, to: CashSession | None, amount_minor: int) -> None:
    """Raises Conflict unless the cash is there beside all that waits to leave; it names what of that the actor sees."""
    _require_there(source, amount_minor)
    leaving = handovers.leaving(source.id if source else None)
    held_minor = queries.held_minor(source.id) if source else queries.office_minor()
    if amount_minor + sum(row.CashHandover.amount_minor for row in leaving) <= held_minor:
        return
    sees_all = _may_sign(source) or current.actor.may("close_cash_session")
    seen = [row for row in leaving if sees_all or row.CashHandover.to_session_id == (to and to.id)]
    if not seen:
        raise Conflict(_("Part of that cash waits for a signature already."), field="amount")
    raise Conflict(_("Part of that cash waits for a signature already: %(waiting)s. Have that signed, or withdraw it.",
                     waiting=", ".join(map(_destined, seen))), field="amount")


def _destined(row: AnyRow) -> str:
    amount = format_money(row.CashHandover.amount_minor, current.tenant.currency)
    return (_("%(amount)s to the office", amount=amount) if row.to is None
            else _("%(amount)s to %(name)s", amount=amount, name=row.to))


def _require_side(side: CashSession | None) -> None:
    """Raises Forbidden unless the actor holds the drawer, or answers for the office."""
    if side is None:
        current.require("close_cash_session")
    elif side.holder_id != current.actor.user_id:
        raise Forbidden(_("Only %(holder)s signs for that drawer.", holder=side.holder_name))


def _may_sign(side: CashSession | None) -> bool:
    return current.actor.may("close_cash_session") if side is None else _is_own(side, current.actor.user_id)


def _is_own(side: CashSession | None, user_id: int | None) -> bool:
    return side is not None and side.holder_id == user_id
