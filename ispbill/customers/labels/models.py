"""Labels, and which customers wear which."""
from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class LabelColour(StrEnum):
    """The colours of labels: those that read well on light and on dark."""

    GREY = "grey"
    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Label(TenantModel):
    """A word by which customers are grouped, such as “VIP” or “Building C”."""

    __tablename__ = "labels"
    __table_args__ = (
        CheckConstraint("colour IN ('grey', 'blue', 'green', 'amber', 'red')", name="colour"),
        Index("uq_labels_name", text("lower(name)"), unique=True),
    )

    name: Mapped[str]
    colour: Mapped[str]


class CustomerLabel(TenantModel):
    """A customer wears a label."""

    __tablename__ = "customer_labels"
    __table_args__ = (
        UniqueConstraint("customer_id", "label_id"),
        Index("ix_customer_labels_label_id", "label_id", "customer_id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"))
