"""Reads of hand-overs: those that wait for a signature, each with the names of both sides."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from ispbill.billing.cash.models import CashHandover, CashSession
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey

OLDEST_FIRST = SortKey((CashHandover.id,))
_NO_GIVER, _NO_TAKER = CashHandover.given_at.is_(None), CashHandover.taken_at.is_(None)
_WAITS = CashHandover.withdrawn_at.is_(None) & or_(_NO_GIVER, _NO_TAKER)


def get(handover_id: int) -> CashHandover | None:
    """A hand-over; None where there is none."""
    return db.session.get(CashHandover, handover_id)


def listing(*, session_id: int | None = None) -> AnySelect:
    """Hand-overs that wait for a signature, of all or of one drawer, with the holders' names; None is the office."""
    of_drawer = or_(CashHandover.from_session_id == session_id, CashHandover.to_session_id == session_id)
    return _named(_WAITS if session_id is None else _WAITS & of_drawer)


def of_drawer(session_id: int) -> Sequence[AnyRow]:
    """Those of one drawer."""
    return db.session.execute(listing(session_id=session_id).order_by(CashHandover.id)).all()


def leaving(session_id: int | None) -> Sequence[AnyRow]:
    """Those by which cash is to leave a drawer, or the office (None), the oldest first."""
    leaves = CashHandover.from_session_id.is_not_distinct_from(session_id)
    return db.session.execute(_named(_WAITS & leaves).order_by(CashHandover.id)).all()


def to_sign(own: CashSession | None) -> Sequence[AnyRow]:
    """Those that wait for the actor: as the holder of their own drawer, and for the office where they sign for it.
    Nobody signs for both sides.
    """
    actor = current.actor
    sides: list[ColumnElement[bool]] = []
    if own is not None:
        sides += [_NO_GIVER & (CashHandover.from_session_id == own.id),
                  _NO_TAKER & (CashHandover.to_session_id == own.id)]
    if actor.may("close_cash_session"):
        sides += [_NO_GIVER & CashHandover.from_session_id.is_(None), _NO_TAKER & CashHandover.to_session_id.is_(None)]
    others = (CashHandover.given_by_id.is_distinct_from(actor.user_id)
              & CashHandover.taken_by_id.is_distinct_from(actor.user_id))
    return db.session.execute(_named(_WAITS & others & or_(*sides)).order_by(CashHandover.id)).all() if sides else []


def _named(what: ColumnElement[bool]) -> AnySelect:
    source, to = aliased(CashSession), aliased(CashSession)
    return (
        select(CashHandover, source.holder_name.label("source"), to.holder_name.label("to"))
        .outerjoin(source, source.id == CashHandover.from_session_id)
        .outerjoin(to, to.id == CashHandover.to_session_id).where(what)
    )
