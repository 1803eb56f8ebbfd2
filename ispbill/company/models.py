"""The ISP's own settings, its legal identity as of each day, and the series its numbers come from."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.company.policy import number_text, rendered_prefix
from ispbill.core.current import current
from ispbill.core.db import TenantModel


class SeriesKind(StrEnum):
    """What a number series numbers."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"
    PROFORMA = "proforma"
    REFUND = "refund"


class CompanySettings(TenantModel):
    """How this ISP works: exactly one row, with the id 1.

    Totals are rounded to multiples of `cash_step_minor` (0: not at all). Cash may be taken only by who holds a drawer
    (`cash_needs_drawer`); one person may sign for both sides of a hand-over (`cash_signed_alone`), where there is one.
    Every day before `books_closed_until` is closed: nothing is posted there any more. None: no day is closed.
    """

    __tablename__ = "company_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="single_row"),
        CheckConstraint("due_days BETWEEN 0 AND 120", name="due_days"),
        CheckConstraint("approve_after_hours BETWEEN 0 AND 240", name="approve_after_hours"),
        CheckConstraint("most_times_usual BETWEEN 0 AND 1000", name="most_times_usual"),
        CheckConstraint("proration IN ('actual', 'fixed_30')", name="proration"),
        CheckConstraint("first_period IN ('stub', 'merge', 'free')", name="first_period"),
        CheckConstraint("tax_rounding IN ('line', 'document')", name="tax_rounding"),
        CheckConstraint("tax_point IN ('period', 'issue')", name="tax_point"),
        CheckConstraint("cash_step_minor >= 0", name="cash_step_minor"),
    )

    due_days: Mapped[int] = mapped_column(server_default=text("15"))
    auto_issue: Mapped[bool] = mapped_column(server_default=text("true"))
    mails_invoices: Mapped[bool] = mapped_column(server_default=text("true"))
    approve_after_hours: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    most_times_usual: Mapped[int] = mapped_column(SmallInteger, server_default=text("12"))
    proration: Mapped[str] = mapped_column(server_default=text("'actual'"))
    first_period: Mapped[str] = mapped_column(server_default=text("'stub'"))
    tax_rounding: Mapped[str] = mapped_column(server_default=text("'line'"))
    tax_point: Mapped[str] = mapped_column(server_default=text("'period'"))
    cash_step_minor: Mapped[int] = mapped_column(server_default=text("0"))
    cash_needs_drawer: Mapped[bool] = mapped_column(server_default=text("false"))
    cash_signed_alone: Mapped[bool] = mapped_column(server_default=text("false"))
    accent_colour: Mapped[str] = mapped_column(server_default=text("'#0f766e'"))
    invoice_note: Mapped[str] = mapped_column(server_default=text("''"))
    area_level_1: Mapped[str] = mapped_column(server_default=text("'Region'"))
    area_level_2: Mapped[str] = mapped_column(server_default=text("'City'"))
    area_level_3: Mapped[str] = mapped_column(server_default=text("'Barangay'"))
    map_tile_url: Mapped[str] = mapped_column(server_default=text("''"))
    map_attribution: Mapped[str] = mapped_column(server_default=text("''"))
    books_closed_until: Mapped[date | None]
    logo_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id", ondelete="RESTRICT"))
    first_steps_hidden_at: Mapped[datetime | None]


class CompanyIdentity(TenantModel):
    """The seller as documents name it. A change adds a row; issued documents keep theirs.

    `registration` is what the law wants below the tax number: who is registered for VAT, the permit of the series.
    """

    __tablename__ = "company_identities"

    legal_name: Mapped[str]
    tax_identifier: Mapped[str] = mapped_column(server_default=text("''"))
    registration: Mapped[str] = mapped_column(server_default=text("''"))
    address: Mapped[str] = mapped_column(server_default=text("''"))
    phone: Mapped[str] = mapped_column(server_default=text("''"))
    email: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class NumberSeries(TenantModel):
    """A gapless series: the next number is taken last, in the transaction that issues.

    `prefix` is a pattern with tokens ({branch}, {year}, {yy}); `year` the one that is counted, None before the first
    number; `range_end` the last number that may be used, None where there is no end.
    """

    __tablename__ = "number_series"
    __table_args__ = (
        UniqueConstraint("kind"),
        CheckConstraint("next_number > 0", name="next_number"),
        CheckConstraint("digits BETWEEN 1 AND 12", name="digits"),
        CheckConstraint("range_end > 0 AND warn_below >= 0", name="range_end"),
    )

    kind: Mapped[str]
    prefix: Mapped[str]
    digits: Mapped[int] = mapped_column(server_default=text("6"))
    next_number: Mapped[int] = mapped_column(server_default=text("1"))
    branch: Mapped[str] = mapped_column(server_default=text("''"))
    resets_yearly: Mapped[bool] = mapped_column(server_default=text("false"))
    year: Mapped[int | None]
    range_end: Mapped[int | None]
    warn_below: Mapped[int] = mapped_column(server_default=text("0"))

    @property
    def is_unused(self) -> bool:
        """Whether no number was taken yet."""
        return self.year is None and self.next_number == 1

    @property
    def rendered_prefix(self) -> str:
        """What the number taken last began with; what the first will begin with today."""
        return rendered_prefix(self.prefix, branch=self.branch, year=self.year or current.today().year)

    @property
    def next_text(self) -> str:
        """The next number as documents will print it today."""
        year = current.today().year
        begins_anew = self.resets_yearly and (self.year or 0) < year
        prefix = rendered_prefix(self.prefix, branch=self.branch, year=max(self.year or year, year))
        return number_text(prefix, self.digits, 1 if begins_anew else self.next_number)
