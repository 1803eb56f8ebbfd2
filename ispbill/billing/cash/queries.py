"""Reads of the cash desk: drawers, what is in them, what lies in the office."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, func, literal, or_, select

from ispbill.accounts.models import User
from ispbill.billing.cash.models import CashMovement, CashSession, CashSessionStatus
from ispbill.billing.ledger.models import JournalEntry, JournalPosting, LedgerAccount
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey

NEWEST_FIRST = SortKey((CashSession.opened_at, CashSession.id), descending=True)
# What the movements of an enclosing query come to.
HELD_MINOR = func.coalesce(func.sum(CashMovement.amount_minor), 0)


def hold_user(user_id: int) -> None:
    """Hold a user's row until the transaction ends."""
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def get(session_id: int) -> CashSession | None:
    """A drawer; None where there is none."""
    return db.session.get(CashSession, session_id)


def live_of(user_id: int) -> CashSession | None:
    """The drawer that a user holds; None without one."""
    return db.session.scalars(_live_of(user_id)).one_or_none()


def hold_live_of(user_id: int) -> CashSession | None:
    """The same, held until the transaction ends and as it stands now."""
    held = _live_of(user_id).with_for_update()
    return db.session.scalars(held, execution_options={"populate_existing": True}).one_or_none()


def visible(session_id: int) -> CashSession | None:
    """A drawer that the actor may see: their own, one that waits to be taken over or that they took over, or all; None
    for any other.
    """
    return db.session.scalars(
        select(CashSession).where(CashSession.id == session_id, *_seen_by_actor())
    ).one_or_none()


def others_open(user_id: int | None) -> Sequence[CashSession]:
    """The open drawers of everybody else, by name."""
    return db.session.scalars(
        select(CashSession).where(CashSession.status == CashSessionStatus.OPEN, CashSession.holder_id != (user_id or 0))
        .order_by(CashSession.holder_name, CashSession.id)
    ).all()


def drawer_of(what: ColumnElement[bool]) -> CashSession | None:
    """The drawer of the first movement of a payment or refund; None where it went past all drawers."""
    return db.session.scalars(
        select(CashSession).join(CashMovement, CashMovement.session_id == CashSession.id)
        .where(what).order_by(CashMovement.id).limit(1)
    ).one_or_none()


def held_minor(session_id: int) -> int:
    """What a drawer should hold."""
    return int(db.session.scalar(select(HELD_MINOR).where(CashMovement.session_id == session_id)) or 0)


def office_minor() -> int:
    """What lies in the office: the cash of the books that is in no drawer."""
    held = select(HELD_MINOR).scalar_subquery()
    return int(db.session.scalar(select(_booked().scalar_subquery() - held)) or 0)


def day_short_of(amount_minor: int, *, since: date) -> date | None:
    """The first day, from one on, at whose end the books had less cash than that; None where they always had."""
    dated = _booked().join(JournalEntry, JournalEntry.id == JournalPosting.entry_id)
    at_first_minor = int(db.session.scalar(dated.where(JournalEntry.posted_on <= since)) or 0)
    if at_first_minor < amount_minor:
        return since
    change_minor = func.sum(func.sum(JournalPosting.amount_minor)).over(order_by=JournalEntry.posted_on)
    later = (
        dated.with_only_columns(JournalEntry.posted_on, change_minor.label("change_minor"))
        .where(JournalEntry.posted_on > since).group_by(JournalEntry.posted_on).subquery()
    )
    short = select(later.c.posted_on).where(later.c.change_minor < amount_minor - at_first_minor)
    return db.session.scalars(short.order_by(later.c.posted_on)).first()


def hold_office() -> None:
    """Hold the cash of the office until the transaction ends, so that it is spent once."""
    db.session.execute(
        select(LedgerAccount.id).where(LedgerAccount.purpose == AccountPurpose.CASH).with_for_update(key_share=True)
    )


def listing(*, term: str = "", status: str = "") -> AnySelect:
    """The drawers that the actor may see."""
    statement = select(CashSession).where(*_seen_by_actor())
    if term:
        statement = statement.where(CashSession.holder_name.icontains(term, autoescape=True))
    if status:
        statement = statement.where(CashSession.status == status)
    return statement


def to_take_over(user_id: int | None) -> Sequence[CashSession]:
    """The counted drawers of everybody else, which wait to be taken over, the longest first."""
    return db.session.scalars(
        select(CashSession)
        .where(CashSession.status == CashSessionStatus.COUNTED, CashSession.holder_id != (user_id or 0))
        .order_by(CashSession.counted_at, CashSession.id)
    ).all()


def _booked() -> Select[int]:
    return (
        select(func.coalesce(func.sum(JournalPosting.amount_minor), 0))
        .join(LedgerAccount, LedgerAccount.id == JournalPosting.account_id)
        .where(LedgerAccount.purpose == AccountPurpose.CASH)
    )


def _seen_by_actor() -> list[ColumnElement[bool]]:
    actor = current.actor
    if actor.may("view_all_cash_sessions"):
        return []
    waits = (CashSession.status == CashSessionStatus.COUNTED) & literal(actor.may("close_cash_session"))
    return [or_(CashSession.holder_id == actor.user_id, CashSession.closed_by_id == actor.user_id, waits)]


def _live_of(user_id: int) -> Select[CashSession]:
    return select(CashSession).where(CashSession.holder_id == user_id, CashSession.status != CashSessionStatus.CLOSED)
