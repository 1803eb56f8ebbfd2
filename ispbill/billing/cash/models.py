"""Who holds the company's cash. What nobody holds in a drawer lies in the office.

The books know one account, cash on hand; a drawer's movements say who answers for which part of it.
"""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel
from ispbill.core.i18n import lazy


class CashSessionStatus(StrEnum):
    """Whether cash goes in and out, waits to be taken over, or is gone."""

    OPEN = "open"
    COUNTED = "counted"
    CLOSED = "closed"


class MovementKind(StrEnum):
    """Why the cash in a drawer became more or less."""

    PAYMENT = "payment"
    PAYMENT_REVERSED = "payment_reversed"
    REFUND = "refund"
    REFUND_CANCELLED = "refund_cancelled"
    HANDOVER = "handover"
    VARIANCE = "variance"
    TAKEN_OVER = "taken_over"


MOVEMENT_LABELS: dict[str, str] = {
    MovementKind.PAYMENT: lazy("Payments"), MovementKind.PAYMENT_REVERSED: lazy("Reversed payments"),
    MovementKind.REFUND: lazy("Refunds"), MovementKind.REFUND_CANCELLED: lazy("Cancelled refunds"),
    MovementKind.HANDOVER: lazy("Hand-overs"), MovementKind.VARIANCE: lazy("Over or short"),
    MovementKind.TAKEN_OVER: lazy("Taken over"),
}


class SlipStatus(StrEnum):
    """Whether a deposit, or cash that was brought in, stands."""

    RECORDED = "recorded"
    CANCELLED = "cancelled"


class CashOrigin(StrEnum):
    """Where cash that is brought into the office comes from; each names the purpose of the account it leaves."""

    BANK = "bank"
    OWNER = "owner"


ORIGIN_LABELS: dict[str, str] = {
    CashOrigin.BANK: lazy("From the bank"), CashOrigin.OWNER: lazy("From the owner"),
}


class CashSession(TenantModel):
    """A drawer, or a collector's bag, from the first cash to the count. Nobody holds two at once.

    `denominations` are the counted pieces by their value in minor units. `expected_minor` is what it should have held
    when it was taken over, `variance_minor` what was found beyond that.
    """

    __tablename__ = "cash_sessions"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'counted', 'closed')", name="status"),
        CheckConstraint("(status = 'open') = (counted_minor IS NULL)", name="counted_minor"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        Index("uq_cash_sessions_live", "holder_id", unique=True, postgresql_where=text("status <> 'closed'")),
        Index("ix_cash_sessions_opened_at", "opened_at", "id"),
    )

    holder_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    holder_name: Mapped[str]
    status: Mapped[str]
    opened_at: Mapped[datetime]
    counted_at: Mapped[datetime | None]
    counted_minor: Mapped[int | None]
    denominations: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    expected_minor: Mapped[int | None]
    variance_minor: Mapped[int | None]
    variance_reason: Mapped[str | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]

    @property
    def pieces(self) -> list[tuple[int, int]]:
        """What was counted: the value of each note or coin and how many, the largest first."""
        return _pieces(self.denominations)


class CashHandover(TenantModel):
    """Cash on its way from one holder to another; None is the office. It moves once giver and taker have signed."""

    __tablename__ = "cash_handovers"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("from_session_id IS DISTINCT FROM to_session_id", name="sides"),
        CheckConstraint("given_at IS NOT NULL OR taken_at IS NOT NULL", name="signed"),
        CheckConstraint("withdrawn_at IS NULL OR given_at IS NULL OR taken_at IS NULL", name="withdrawn_at"),
        Index("ix_cash_handovers_from_session_id", "from_session_id", "id"),
        Index("ix_cash_handovers_to_session_id", "to_session_id", "id"),
        Index("ix_cash_handovers_waiting", "id", postgresql_where=text(
            "withdrawn_at IS NULL AND (given_at IS NULL OR taken_at IS NULL)")),
    )

    from_session_id: Mapped[int | None] = mapped_column(ForeignKey("cash_sessions.id", ondelete="RESTRICT"))
    to_session_id: Mapped[int | None] = mapped_column(ForeignKey("cash_sessions.id", ondelete="RESTRICT"))
    amount_minor: Mapped[int]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    given_by: Mapped[str | None]
    given_at: Mapped[datetime | None]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    taken_by: Mapped[str | None]
    taken_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]

    @property
    def waits(self) -> bool:
        """Whether one of the two signatures is still missing."""
        return self.withdrawn_at is None and (self.given_at is None or self.taken_at is None)


class CashMovement(TenantModel):
    """Cash that came into a drawer (above zero) or left it, append-only. Their sum is what it should hold."""

    __tablename__ = "cash_movements"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_minor"),
        Index("ix_cash_movements_session_id", "session_id", "id", postgresql_include=["amount_minor"]),
        Index("ix_cash_movements_payment_id", "payment_id", postgresql_where=text("payment_id IS NOT NULL")),
        Index("ix_cash_movements_refund_id", "refund_id", postgresql_where=text("refund_id IS NOT NULL")),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("cash_sessions.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    amount_minor: Mapped[int]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id", ondelete="RESTRICT"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id", ondelete="RESTRICT"))
    handover_id: Mapped[int | None] = mapped_column(ForeignKey("cash_handovers.id", ondelete="RESTRICT"))
    moved_by: Mapped[str]
    moved_at: Mapped[datetime]


class _Slip:
    """What every record of cash that came into the office or left it tells."""

    amount_minor: Mapped[int]
    reference: Mapped[str]
    note: Mapped[str]
    status: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    cancelled_on: Mapped[date | None]
    cancel_reason: Mapped[str | None]


class CashDeposit(_Slip, TenantModel):
    """Cash of the office that was paid in at the bank, as the bank's slip says."""

    __tablename__ = "cash_deposits"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("status IN ('recorded', 'cancelled')", name="status"),
        Index("uq_cash_deposits_reference", "bank", "reference", unique=True,
              postgresql_where=text("status = 'recorded'")),
        Index("ix_cash_deposits_deposited_on", "deposited_on", "id"),
    )

    bank: Mapped[str]
    deposited_on: Mapped[date]
    denominations: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))

    @property
    def pieces(self) -> list[tuple[int, int]]:
        """What was paid in: the value of each note or coin and how many, the largest first; empty if not told."""
        return _pieces(self.denominations)


class CashIntake(_Slip, TenantModel):
    """Cash that was brought into the office for change: drawn at the bank, or the owner's money."""

    __tablename__ = "cash_intakes"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("origin IN ('bank', 'owner')", name="origin"),
        CheckConstraint("status IN ('recorded', 'cancelled')", name="status"),
        Index("uq_cash_intakes_reference", "origin", "reference", unique=True,
              postgresql_where=text("status = 'recorded' AND reference <> ''")),
        Index("ix_cash_intakes_came_on", "came_on", "id"),
    )

    origin: Mapped[str]
    came_on: Mapped[date]


def _pieces(denominations: dict[str, int] | None) -> list[tuple[int, int]]:
    return sorted(((int(face), number) for face, number in (denominations or {}).items()), reverse=True)
