"""LCPs, the splitters in them, the NAPs those feed, and the ports of each NAP.

A port is a row from the day its NAP is added; whether somebody is on it is kept here, who that is above.
"""
from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.areas.models import Area
from ispbill.core.db import TenantModel
from ispbill.core.text import folded_sql


class PortCondition(StrEnum):
    """Whether a port can be given to a line."""

    GOOD = "good"
    RESERVED = "reserved"
    FAULTY = "faulty"


_ACCURACIES = "accuracy IN ('exact', 'approximate', 'address', 'manual')"
_BOTH = "(latitude IS NULL) = (longitude IS NULL)"


class Lcp(TenantModel):
    """A cabinet from which the fibres of a neighbourhood are split (local convergence point)."""

    __tablename__ = "lcps"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("splitter_capacity BETWEEN 1 AND 128", name="splitter_capacity"),
        CheckConstraint(_ACCURACIES, name="accuracy"),
        CheckConstraint(_BOTH, name="coordinates"),
        Index("ix_lcps_name", text(folded_sql("name")), "id"),
        Index("ix_lcps_area_id", "area_id"),
    )

    code: Mapped[str]
    name: Mapped[str]
    splitter_capacity: Mapped[int] = mapped_column(SmallInteger, server_default=text("8"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="RESTRICT"))
    address: Mapped[str] = mapped_column(server_default=text("''"))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    accuracy: Mapped[str] = mapped_column(server_default=text("'exact'"))
    notes: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    area: Mapped[Area | None] = relationship(lazy="raise")


class Splitter(TenantModel):
    """A splitter in an LCP: one fibre in, `output_count` out; each output feeds at most one NAP."""

    __tablename__ = "splitters"
    __table_args__ = (
        UniqueConstraint("lcp_id", "code"),
        CheckConstraint("output_count IN (2, 4, 8, 16, 32, 64)", name="output_count"),
    )

    lcp_id: Mapped[int] = mapped_column(ForeignKey("lcps.id", ondelete="RESTRICT"))
    code: Mapped[str]
    output_count: Mapped[int] = mapped_column(SmallInteger)
    notes: Mapped[str] = mapped_column(server_default=text("''"))

    lcp: Mapped[Lcp] = relationship(lazy="raise")


class Nap(TenantModel):
    """A box on a pole from which drops go to the houses (network access point)."""

    __tablename__ = "naps"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("port_count BETWEEN 1 AND 64", name="port_count"),
        CheckConstraint("max_drop_metres BETWEEN 1 AND 5000", name="max_drop_metres"),
        CheckConstraint(_ACCURACIES, name="accuracy"),
        CheckConstraint(_BOTH, name="coordinates"),
        Index("ix_naps_splitter_id", "splitter_id"),
        Index("ix_naps_area_id", "area_id"),
        Index("ix_naps_place", "latitude", "longitude"),
    )

    splitter_id: Mapped[int] = mapped_column(ForeignKey("splitters.id", ondelete="RESTRICT"))
    code: Mapped[str]
    port_count: Mapped[int] = mapped_column(SmallInteger, server_default=text("8"))
    max_drop_metres: Mapped[int] = mapped_column(SmallInteger, server_default=text("100"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="RESTRICT"))
    address: Mapped[str] = mapped_column(server_default=text("''"))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    accuracy: Mapped[str] = mapped_column(server_default=text("'exact'"))
    notes: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    splitter: Mapped[Splitter] = relationship(lazy="raise")
    area: Mapped[Area | None] = relationship(lazy="raise")


class NapPort(TenantModel):
    """A port of a NAP. It is free where its condition is good and nobody is on it."""

    __tablename__ = "nap_ports"
    __table_args__ = (
        UniqueConstraint("nap_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 64", name="number"),
        CheckConstraint("condition IN ('good', 'reserved', 'faulty')", name="condition"),
        Index("ix_nap_ports_free", "nap_id", postgresql_where=text("condition = 'good' AND NOT is_used")),
    )

    nap_id: Mapped[int] = mapped_column(ForeignKey("naps.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(SmallInteger)
    condition: Mapped[str] = mapped_column(server_default=text("'good'"))
    note: Mapped[str] = mapped_column(server_default=text("''"))
    is_used: Mapped[bool] = mapped_column(server_default=text("false"))

    nap: Mapped[Nap] = relationship(lazy="raise")

    @property
    def is_free(self) -> bool:
        """Whether a line can be put on it."""
        return self.condition == PortCondition.GOOD and not self.is_used

    @property
    def state(self) -> str:
        """`used`, or `free`, or the condition that keeps it from being so."""
        if self.is_used:
            return "used"
        return "free" if self.is_free else self.condition
