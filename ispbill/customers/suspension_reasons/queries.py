"""Reads of the reasons of suspensions."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from ispbill.core.db import db
from ispbill.core.matching import by_letters
from ispbill.customers.suspension_reasons.models import SuspensionReason


def everything() -> Sequence[SuspensionReason]:
    """All reasons, those on offer first."""
    return db.session.scalars(
        select(SuspensionReason).order_by(SuspensionReason.is_active.desc(), by_letters(SuspensionReason.name))
    ).all()


def get(reason_id: int) -> SuspensionReason | None:
    """A reason."""
    return db.session.get(SuspensionReason, reason_id)


def offered(reason_id: int) -> SuspensionReason | None:
    """A reason that can be given now."""
    reason = get(reason_id)
    return reason if reason is not None and reason.is_active else None


def on_offer(*, including: int | None = None) -> Sequence[SuspensionReason]:
    """The reasons to choose from, by name; `including` a retired one that is chosen already."""
    return db.session.scalars(
        select(SuspensionReason).where(or_(SuspensionReason.is_active, SuspensionReason.id == including))
        .order_by(by_letters(SuspensionReason.name))
    ).all()
