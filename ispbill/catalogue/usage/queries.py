"""Reads of usage prices."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ispbill.catalogue.usage.models import UsagePrice
from ispbill.catalogue.usage.policy import PriceList, Tier
from ispbill.core.db import db


def of_plan(plan_id: int) -> Sequence[UsagePrice]:
    """The price lists of a plan with their tiers, the newest first."""
    return db.session.scalars(
        select(UsagePrice).where(UsagePrice.plan_id == plan_id).order_by(UsagePrice.valid_from.desc())
        .options(selectinload(UsagePrice.tiers)).execution_options(populate_existing=True)
    ).all()


def in_force(plan_id: int, *, on: date) -> UsagePrice | None:
    """The price list of a plan that holds on a day, with its tiers; None where usage costs nothing."""
    return db.session.scalars(
        select(UsagePrice).where(UsagePrice.plan_id == plan_id, UsagePrice.valid_from <= on)
        .order_by(UsagePrice.valid_from.desc()).limit(1).options(selectinload(UsagePrice.tiers))
        .execution_options(populate_existing=True)
    ).one_or_none()


def prices_of(row: UsagePrice) -> PriceList:
    """A price list as usage is rated with it."""
    return PriceList(
        tuple(Tier(tier.up_to, tier.price_minor, tier.flat_minor, tier.block, tier.whole_blocks)
              for tier in row.tiers),
        row.model, row.included,
    )
