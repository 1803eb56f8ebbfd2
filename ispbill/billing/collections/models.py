"""The plan of steps, episodes and what was done in them, suspensions, and what holds them off.

An episode, an action, a cutoff, a promise, a dispute and a hold are a record: they are closed, never removed.
"""
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.areas.models import Area
from ispbill.billing.charges.models import Charge
from ispbill.billing.invoices.models import Invoice
from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class PromiseStatus(StrEnum):
    """What became of a promise to pay."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class CutoffEnd(StrEnum):
    """How a suspension by collections ended."""

    RESTORED = "restored"
    BY_PERSON = "by_person"
    TERMINATED = "terminated"


class CollectionPolicy(TenantModel):
    """How this ISP collects: exactly one row, with the id 1. `no_cut_weekdays` are ISO digits, such as “67”.

    Invoices due before `counted_since` are taken as due on that day. `suspension_reason_id` says why collections
    suspend, and by that what the days without service mean for the bill.
    """

    __tablename__ = "collection_policies"
    __table_args__ = (
        CheckConstraint("id = 1", name="single_row"),
        CheckConstraint("minimum_minor >= 0", name="minimum_minor"),
        CheckConstraint("grace_days BETWEEN 0 AND 60", name="grace_days"),
        CheckConstraint("longest_promise_days BETWEEN 1 AND 90", name="longest_promise_days"),
        CheckConstraint("notice_days BETWEEN 0 AND 60", name="notice_days"),
        CheckConstraint("no_cut_weekdays ~ '^[1-7]{0,6}$'", name="no_cut_weekdays"),
    )

    is_enabled: Mapped[bool] = mapped_column(server_default=text("false"))
    counted_since: Mapped[date | None]
    minimum_minor: Mapped[int] = mapped_column(server_default=text("0"))
    grace_days: Mapped[int] = mapped_column(server_default=text("0"))
    longest_promise_days: Mapped[int] = mapped_column(server_default=text("14"))
    needs_handover: Mapped[bool] = mapped_column(server_default=text("false"))
    notice_days: Mapped[int] = mapped_column(server_default=text("0"))
    no_cut_weekdays: Mapped[str] = mapped_column(server_default=text("''"))
    suspension_reason_id: Mapped[int] = mapped_column(ForeignKey("suspension_reasons.id", ondelete="RESTRICT"))
    fee_tax_rate_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rates.id", ondelete="RESTRICT"))


class CollectionStep(TenantModel):
    """A step of the plan. `template` names the message that goes with it, if any; `channel` how it travels: by hand it
    is a task of the staff.
    """

    __tablename__ = "collection_steps"
    __table_args__ = (
        CheckConstraint("action IN ('remind', 'fee', 'suspend', 'terminate')", name="action"),
        CheckConstraint("counted_from IN ('due', 'issue')", name="counted_from"),
        CheckConstraint("channel IN ('email', 'sms', 'hand')", name="channel"),
        CheckConstraint("days BETWEEN -60 AND 730", name="days"),
        CheckConstraint("fee_flat_minor >= 0 AND fee_percent BETWEEN 0 AND 100", name="fee"),
        CheckConstraint("repeat_every_days > 0", name="repeat_every_days"),
        CheckConstraint("most_times > 0", name="most_times"),
        Index("uq_collection_steps_action", "action", unique=True,
              postgresql_where=text("is_active AND action IN ('suspend', 'terminate')")),
    )

    name: Mapped[str]
    action: Mapped[str]
    days: Mapped[int] = mapped_column(SmallInteger)
    counted_from: Mapped[str] = mapped_column(server_default=text("'due'"))
    template: Mapped[str] = mapped_column(server_default=text("''"))
    channel: Mapped[str] = mapped_column(server_default=text("'email'"))
    fee_flat_minor: Mapped[int] = mapped_column(server_default=text("0"))
    fee_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), server_default=text("0"))
    repeat_every_days: Mapped[int | None] = mapped_column(SmallInteger)
    most_times: Mapped[int | None] = mapped_column(SmallInteger)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))


class NoCutDay(TenantModel):
    """A day on which nobody is cut off: everywhere, or in an area and all that lies in it."""

    __tablename__ = "no_cut_days"
    __table_args__ = (
        Index("uq_no_cut_days_day_area", "day", text("coalesce(area_id, 0)"), unique=True),
        Index("ix_no_cut_days_area_id", "area_id"),
    )

    day: Mapped[date]
    name: Mapped[str]
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="RESTRICT"))

    area: Mapped[Area | None] = relationship(lazy="raise")


class CollectionEpisode(TenantModel):
    """The time from the day a customer became overdue to the day nothing is. `trouble` says what could not be done."""

    __audited__ = False
    __tablename__ = "collection_episodes"
    __table_args__ = (
        CheckConstraint("ended_on >= began_on", name="ended_on"),
        Index("uq_collection_episodes_open", "customer_id", unique=True, postgresql_where=text("ended_on IS NULL")),
        Index("ix_collection_episodes_customer_id", "customer_id", "began_on"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    began_on: Mapped[date]
    ended_on: Mapped[date | None]
    trouble: Mapped[str] = mapped_column(server_default=text("''"))


class CollectionAction(TenantModel):
    """A step that was taken: once for an invoice, or once for an episode; repeated ones count their occurrences.

    `note` says why nothing was sent where nothing was; what is to be told by hand waits until somebody has (`told_at`).
    A fee is a charge on the next bill; waived, it keeps its amount.
    """

    __tablename__ = "collection_actions"
    __table_args__ = (
        CheckConstraint("invoice_id IS NOT NULL OR episode_id IS NOT NULL", name="subject"),
        CheckConstraint("fee_minor >= 0", name="fee_minor"),
        CheckConstraint("(waived_at IS NULL) = (waived_by IS NULL)", name="waived"),
        CheckConstraint("(told_at IS NULL) = (told_by IS NULL) AND (is_by_hand OR told_at IS NULL)", name="told"),
        Index("uq_collection_actions_episode", "episode_id", "step_id", "occurrence", unique=True,
              postgresql_where=text("invoice_id IS NULL")),
        Index("uq_collection_actions_invoice", "invoice_id", "step_id", "occurrence", unique=True,
              postgresql_where=text("invoice_id IS NOT NULL")),
        Index("ix_collection_actions_customer_id", "customer_id", "id"),
        Index("ix_collection_actions_step_id", "step_id"),
        Index("ix_collection_actions_to_tell", "id", postgresql_where=text("is_by_hand AND told_at IS NULL")),
        Index("ix_collection_actions_charge_id", "charge_id", postgresql_where=text("charge_id IS NOT NULL")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    step_id: Mapped[int] = mapped_column(ForeignKey("collection_steps.id", ondelete="RESTRICT"))
    episode_id: Mapped[int | None] = mapped_column(ForeignKey("collection_episodes.id", ondelete="RESTRICT"))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    occurrence: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    done_on: Mapped[date]
    done_at: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="RESTRICT"))
    note: Mapped[str] = mapped_column(server_default=text("''"))
    is_by_hand: Mapped[bool] = mapped_column(server_default=text("false"))
    told_at: Mapped[datetime | None]
    told_by: Mapped[str | None]
    told_note: Mapped[str] = mapped_column(server_default=text("''"))
    fee_minor: Mapped[int] = mapped_column(server_default=text("0"))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charges.id", ondelete="RESTRICT"))
    waived_at: Mapped[datetime | None]
    waived_by: Mapped[str | None]
    waive_reason: Mapped[str] = mapped_column(server_default=text("''"))

    step: Mapped[CollectionStep] = relationship(lazy="raise")
    invoice: Mapped[Invoice | None] = relationship(lazy="raise")
    customer: Mapped[Customer] = relationship(lazy="raise")
    charge: Mapped[Charge | None] = relationship(lazy="raise")


class CollectionCutoff(TenantModel):
    """A suspension by collections. While it is open, collections may end it; what a person suspended has none."""

    __audited__ = False
    __tablename__ = "collection_cutoffs"
    __table_args__ = (
        CheckConstraint("ending IN ('restored', 'by_person', 'terminated')", name="ending"),
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended_at"),
        Index("uq_collection_cutoffs_open", "customer_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_collection_cutoffs_customer_id", "customer_id", "id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    episode_id: Mapped[int] = mapped_column(ForeignKey("collection_episodes.id", ondelete="RESTRICT"))
    cut_on: Mapped[date]
    cut_at: Mapped[datetime]
    reason: Mapped[str]
    ended_at: Mapped[datetime | None]
    ending: Mapped[str | None]
    ended_by: Mapped[str] = mapped_column(server_default=text("''"))


class PromiseToPay(TenantModel):
    """A customer's word to pay an amount by a day, that day included; steps wait for it."""

    __tablename__ = "promises_to_pay"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'kept', 'broken', 'withdrawn')", name="status"),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("until_on >= made_on", name="until_on"),
        Index("uq_promises_to_pay_open", "customer_id", unique=True, postgresql_where=text("status = 'open'")),
        Index("ix_promises_to_pay_customer_id", "customer_id", "made_on"),
        Index("ix_promises_to_pay_until_on", "until_on", postgresql_where=text("status = 'open'")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    made_on: Mapped[date]
    made_at: Mapped[datetime]
    until_on: Mapped[date]
    amount_minor: Mapped[int]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    status: Mapped[str] = mapped_column(server_default=text("'open'"))
    granted_by: Mapped[str]
    decided_on: Mapped[date | None]


class DisputeHold(TenantModel):
    """A contested invoice, or one line of it: not payable, no fee, no step, up to `ends_on` or until it is closed."""

    __tablename__ = "dispute_holds"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("ends_on > opened_on", name="ends_on"),
        CheckConstraint("(closed_on IS NULL) = (closed_by IS NULL)", name="closed_on"),
        Index("uq_dispute_holds_open", "invoice_id", text("coalesce(line_id, 0)"), unique=True,
              postgresql_where=text("closed_on IS NULL")),
        Index("ix_dispute_holds_customer_id", "customer_id", "opened_on"),
        Index("ix_dispute_holds_invoice_id", "invoice_id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_lines.id", ondelete="RESTRICT"))
    amount_minor: Mapped[int]
    reason: Mapped[str]
    opened_on: Mapped[date]
    opened_by: Mapped[str]
    ends_on: Mapped[date]
    closed_on: Mapped[date | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str] = mapped_column(server_default=text("''"))

    invoice: Mapped[Invoice] = relationship(lazy="raise")


class CollectionHold(TenantModel):
    """No step is taken towards a customer up to a day, that day included, because a person said so."""

    __tablename__ = "collection_holds"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="until_on"),
        CheckConstraint("(lifted_on IS NULL) = (lifted_by IS NULL)", name="lifted_on"),
        Index("ix_collection_holds_customer_id", "customer_id", "from_on"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    reason: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date]
    placed_by: Mapped[str]
    lifted_on: Mapped[date | None]
    lifted_by: Mapped[str | None]


class CollectionDay(TenantModel):
    """A day's round over all customers, and how far it has come: a round that was cut short goes on from there."""

    __audited__ = False
    __tablename__ = "collection_days"
    __table_args__ = (UniqueConstraint("day"),)

    day: Mapped[date]
    reached_customer_id: Mapped[int] = mapped_column(server_default=text("0"))
    customer_count: Mapped[int] = mapped_column(server_default=text("0"))
    action_count: Mapped[int] = mapped_column(server_default=text("0"))
    cut_count: Mapped[int] = mapped_column(server_default=text("0"))
    restored_count: Mapped[int] = mapped_column(server_default=text("0"))
    trouble_count: Mapped[int] = mapped_column(server_default=text("0"))
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
