"""What is to be printed, and the files made of it. The files are forgotten after some days; who printed what stays."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel
from ispbill.core.i18n import lazy


class PrintKind(StrEnum):
    """Which documents are printed."""

    INVOICES = "invoices"
    STATEMENTS = "statements"


class PrintSort(StrEnum):
    """The order of the documents in the files."""

    AREA = "area"
    NAME = "name"
    NUMBER = "number"


KIND_LABELS = {PrintKind.INVOICES: lazy("Invoices"), PrintKind.STATEMENTS: lazy("Statements")}
SORT_LABELS = {PrintSort.AREA: lazy("By area, then name"), PrintSort.NAME: lazy("By name"),
               PrintSort.NUMBER: lazy("By number")}


class PrintOrder(TenantModel):
    """Documents that somebody wants on paper, as a list showed them then. Until `made_at` it is at work.

    Statements reach from `since` to `until`, both included.
    """

    __tablename__ = "print_orders"
    __table_args__ = (
        CheckConstraint("kind IN ('invoices', 'statements')", name="kind"),
        CheckConstraint("sorted_by IN ('area', 'name', 'number')", name="sorted_by"),
        CheckConstraint("(kind = 'statements') = (since IS NOT NULL)", name="since"),
        CheckConstraint("(since IS NULL) = (until IS NULL) AND until >= since", name="until"),
        CheckConstraint("document_count > 0", name="document_count"),
        Index("ix_print_orders_at_work", "id", postgresql_where=text("made_at IS NULL")),
        Index("ix_print_orders_ordered_at", "ordered_at"),
    )

    kind: Mapped[str]
    sorted_by: Mapped[str]
    since: Mapped[date | None]
    until: Mapped[date | None]
    document_count: Mapped[int]
    ordered_by: Mapped[str]
    ordered_at: Mapped[datetime]
    made_at: Mapped[datetime | None]


class PrintPart(TenantModel):
    """One file of an order: the keys of its documents in their order – invoices, or whose statements – and the PDF.

    `left_out_ids` are those that could not be set.
    """

    __tablename__ = "print_parts"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("order_id", "ordinal"),
        CheckConstraint("(made_at IS NULL) = (content IS NULL)", name="content"),
        Index("ix_print_parts_pending", "order_id", postgresql_where=text("made_at IS NULL")),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("print_orders.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    document_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    left_out_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    page_count: Mapped[int] = mapped_column(server_default=text("0"))
    made_at: Mapped[datetime | None]
    content: Mapped[bytes | None] = mapped_column(deferred=True, deferred_raiseload=True)
