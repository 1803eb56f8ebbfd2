"""Reads of single late fees."""
from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ispbill.billing.collections.models import CollectionAction
from ispbill.core.db import db


def fee(action_id: int) -> CollectionAction | None:
    """A step that charged a fee, with its customer."""
    return db.session.scalars(
        select(CollectionAction).where(CollectionAction.id == action_id)
        .options(joinedload(CollectionAction.customer), joinedload(CollectionAction.step))
    ).one_or_none()
