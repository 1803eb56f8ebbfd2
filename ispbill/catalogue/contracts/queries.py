"""Reads of plans' contracts."""
from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from ispbill.catalogue.contracts.models import PlanContract
from ispbill.core.bulk import any_key
from ispbill.core.db import db


def of_plan(plan_id: int) -> PlanContract | None:
    """The contract of a plan, where it has one."""
    return db.session.scalars(select(PlanContract).where(PlanContract.plan_id == plan_id)).one_or_none()


def of_plans(plan_ids: Collection[int]) -> Sequence[PlanContract]:
    """The contracts of some plans, the longest first."""
    return db.session.scalars(
        select(PlanContract).where(PlanContract.plan_id == any_key(plan_ids))
        .order_by(PlanContract.months.desc(), PlanContract.plan_id)
    ).all()
