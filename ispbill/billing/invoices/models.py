"""Issued documents: invoices, credit notes, debit notes. A trigger freezes them: only settlement, voiding and a line's
liveness may change. What a document takes back is negative, so sums over documents are what is owed."""
from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.billing.invoices.policy import DocumentKind, tax_words
from ispbill.company.models import CompanyIdentity
from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class InvoiceStatus(StrEnum):
    """What became of an issued invoice. A draft has no row: it is a value until it is issued."""

    ISSUED = "issued"
    VOID = "void"


class Standing(StrEnum):
    """How an invoice stands on a day, as people ask for it: derived, never stored."""

    ISSUED = "issued"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    VOID = "void"
    CREDIT = "credit"
    SPENT = "spent"
    WRITTEN_OFF = "written_off"


class Invoice(TenantModel):
    """A document: number, buyer and seller as of issue, lines, taxes, total. Amounts in minor units.

    A credit note is negative and is money to spend, as a payment is; `corrects_id` is the document it is about.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("status IN ('issued', 'void')", name="status"),
        CheckConstraint("kind IN ('invoice', 'credit_note', 'debit_note')", name="kind"),
        CheckConstraint("(kind = 'credit_note') = (total_minor < 0)", name="sign"),
        CheckConstraint("total_minor = net_minor + tax_minor", name="total_minor"),
        Index("ix_invoices_customer_id", "customer_id", "issued_on", "id"),
        Index("ix_invoices_open", "due_on", "customer_id", postgresql_include=["total_minor"],
              postgresql_where=text("settled_on IS NULL AND status = 'issued' AND kind <> 'credit_note'")),
        Index("ix_invoices_open_of", "customer_id", "due_on", postgresql_include=["id", "total_minor"],
              postgresql_where=text("settled_on IS NULL AND status = 'issued' AND kind <> 'credit_note'")),
        Index("ix_invoices_unspent", "customer_id",
              postgresql_where=text("settled_on IS NULL AND status = 'issued' AND kind = 'credit_note'")),
        Index("ix_invoices_corrects_id", "corrects_id", postgresql_where=text("corrects_id IS NOT NULL")),
        Index("ix_invoices_issued_on", "issued_on", "id"),
        Index("ix_invoices_billing_run_id", "billing_run_id"),
        Index("ix_invoices_voided_on", "voided_on", postgresql_where=text("voided_on IS NOT NULL")),
    )

    number: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=text("'invoice'"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(server_default=text("''"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    billing_run_id: Mapped[int | None] = mapped_column(ForeignKey("billing_runs.id", ondelete="RESTRICT"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("company_identities.id", ondelete="RESTRICT"))
    status: Mapped[str]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    total_minor: Mapped[int]
    settled_on: Mapped[date | None]
    buyer_name: Mapped[str]
    buyer_address: Mapped[str]
    buyer_tax_identifier: Mapped[str]
    voided_on: Mapped[date | None]
    void_reason: Mapped[str | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")
    seller: Mapped[CompanyIdentity] = relationship(lazy="raise")
    lines: Mapped[list[InvoiceLine]] = relationship(lazy="raise", order_by="InvoiceLine.position")
    taxes: Mapped[list[InvoiceTax]] = relationship(lazy="raise", order_by="InvoiceTax.id")
    if TYPE_CHECKING:
        # Payments lie above invoices, so they make these relations, as the other side of theirs.
        allocations: Mapped[list[Any]]
        spendings: Mapped[list[Any]]

    @property
    def is_credit(self) -> bool:
        """Whether it is money to spend rather than money owed."""
        return self.kind == DocumentKind.CREDIT_NOTE

    @property
    def paid_minor(self) -> int:
        """What live allocations settle of it; of a credit note, what of it is spent, below zero."""
        if self.is_credit:
            return -sum(share.amount_minor for share in self.spendings if share.released_at is None)
        return sum(share.amount_minor for share in self.allocations if share.released_at is None)

    @property
    def is_written_off(self) -> bool:
        """Whether a part of it is given up."""
        return any(share.write_off_id and share.released_at is None for share in self.allocations)

    @property
    def open_minor(self) -> int:
        """What is still to be paid, or below zero to be spent; nothing of a void document is."""
        return 0 if self.status == InvoiceStatus.VOID else self.total_minor - self.paid_minor

    def booked_on(self, today: date) -> date:
        """The day of what is done about it today: its own where it was billed ahead, for nothing precedes it."""
        return max(today, self.issued_on)

    def standing(self, today: date) -> Standing:
        """How it stands: an overdue invoice is overdue however much of it is paid."""
        if self.status == InvoiceStatus.VOID:
            return Standing.VOID
        if self.settled_on is not None:
            return Standing.SPENT if self.is_credit else Standing.WRITTEN_OFF if self.is_written_off else Standing.PAID
        if self.is_credit:
            return Standing.CREDIT
        if self.due_on < today:
            return Standing.OVERDUE
        return Standing.PARTLY_PAID if self.paid_minor else Standing.ISSUED


class InvoiceLine(TenantModel):
    """One charge, or the credit of a part of one (`credits_line_id`).

    A live charge holds its component's period: the same period cannot be billed twice. It is live until its document is
    void or all of it is credited. `discount_minor` is what the amount was lessened by, `discount_net_minor` of the net.
    """

    __tablename__ = "invoice_lines"
    __table_args__ = (
        Index("uq_invoice_lines_live_charge", "subscription_id", "component_id", "period_start", unique=True,
              postgresql_where=text("is_live AND component_id IS NOT NULL AND credits_line_id IS NULL")),
        Index("uq_invoice_lines_live_one_time", "charge_id", unique=True,
              postgresql_where=text("is_live AND charge_id IS NOT NULL AND credits_line_id IS NULL")),
        Index("ix_invoice_lines_invoice_id", "invoice_id"),
        Index("ix_invoice_lines_credits_line_id", "credits_line_id",
              postgresql_where=text("credits_line_id IS NOT NULL")),
    )

    # Checked at the commit: lines and taxes are written before their document, which waits for its number.
    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", ondelete="RESTRICT", deferrable=True, initially="DEFERRED")
    )
    position: Mapped[int] = mapped_column(SmallInteger)
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="RESTRICT"))
    component_id: Mapped[int | None] = mapped_column(ForeignKey("subscription_components.id", ondelete="RESTRICT"))
    description: Mapped[str]
    arithmetic: Mapped[str] = mapped_column(server_default=text("''"))
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    quantity: Mapped[int]
    unit_price_minor: Mapped[int]
    amount_minor: Mapped[int]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    account: Mapped[str] = mapped_column(server_default=text("'revenue'"))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charges.id", ondelete="RESTRICT"))
    credits_line_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_lines.id", ondelete="RESTRICT"))
    tax_rate_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rates.id", ondelete="RESTRICT"))
    discount_minor: Mapped[int] = mapped_column(server_default=text("0"))
    discount_net_minor: Mapped[int] = mapped_column(server_default=text("0"))
    is_live: Mapped[bool] = mapped_column(server_default=text("true"))

    @property
    def last_day(self) -> date | None:
        """The last day of its period, as documents print it."""
        return None if self.period_end is None else self.period_end - timedelta(days=1)

    @property
    def includes_tax(self) -> bool:
        """Whether the amount as agreed contains the line's tax."""
        return self.tax_minor != 0 and self.amount_minor == self.net_minor + self.tax_minor


class InvoiceTax(TenantModel):
    """The tax of one rate on one invoice, with the name and rate it had on the day of issue."""

    __tablename__ = "invoice_taxes"
    __table_args__ = (Index("ix_invoice_taxes_invoice_id", "invoice_id"),)

    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", ondelete="RESTRICT", deferrable=True, initially="DEFERRED")
    )
    tax_rate_id: Mapped[int] = mapped_column(ForeignKey("tax_rates.id", ondelete="RESTRICT"))
    name: Mapped[str]
    rate_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    base_minor: Mapped[int]
    tax_minor: Mapped[int]
    exemption: Mapped[str] = mapped_column(server_default=text("''"))

    @property
    def display(self) -> str:
        """“VAT, 12 %”, “VAT exempt (school)”, or only the name of an amount."""
        return tax_words(self.name, self.rate_percent, self.exemption)


class InvoiceLineTax(TenantModel):
    """A part of a line's tax, where the line has more than one percentage, or none for a reason.

    A line with one percentage has no such row: its tax stands on the line, its rate in the document's taxes.
    """

    __tablename__ = "invoice_line_taxes"
    __table_args__ = (Index("ix_invoice_line_taxes_invoice_id", "invoice_id", "position", "id"),)

    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", ondelete="RESTRICT", deferrable=True, initially="DEFERRED")
    )
    position: Mapped[int] = mapped_column(SmallInteger)
    tax_rate_id: Mapped[int] = mapped_column(ForeignKey("tax_rates.id", ondelete="RESTRICT"))
    name: Mapped[str]
    rate_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    is_inclusive: Mapped[bool] = mapped_column(server_default=text("false"))
    base_minor: Mapped[int]
    tax_minor: Mapped[int]
    exemption: Mapped[str] = mapped_column(server_default=text("''"))
