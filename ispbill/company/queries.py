"""Reads of the company's settings, identity and number series."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ispbill.company.models import CompanyIdentity, CompanySettings, NumberSeries
from ispbill.core.db import db


def settings() -> CompanySettings:
    """How this ISP works; every tenant is born with the row."""
    row = db.session.get(CompanySettings, 1)
    assert row is not None, "a tenant is born with its settings"
    # The session forgets a row that nobody holds, and nearly every rule asks for this one.
    db.session.info["company_settings"] = row
    return row


def identity() -> CompanyIdentity:
    """The seller as a document issued now names it: the newest one."""
    row = newest_identity()
    assert row is not None, "a company is adopted before it works"
    return row


def newest_identity() -> CompanyIdentity | None:
    """The newest legal identity; None before the company is adopted."""
    return db.session.scalars(select(CompanyIdentity).order_by(CompanyIdentity.id.desc()).limit(1)).first()


def number_series() -> Sequence[NumberSeries]:
    """Every series of numbers, in the order they are shown."""
    return db.session.scalars(select(NumberSeries).order_by(NumberSeries.id)).all()
