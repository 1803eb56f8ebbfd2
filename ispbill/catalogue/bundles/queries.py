"""Reads of bundles."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ispbill.catalogue.bundles.models import Bundle, BundlePart, BundleStatus
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.core.text import like_pattern

SORTS = {"name": SortKey((by_letters(Bundle.name), Bundle.id))}
_PARTS = selectinload(Bundle.parts).joinedload(BundlePart.plan)


def listing(*, term: str = "", status: str | None = None) -> AnySelect:
    """Bundles with their plans."""
    statement = select(Bundle).options(_PARTS)
    if term:
        statement = statement.where(Bundle.name.ilike(like_pattern(term)))
    return statement.where(Bundle.status == status) if status else statement


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, by name."""
    return db.session.execute(statement.order_by(by_letters(Bundle.name))).all()


def get(bundle_id: int) -> Bundle | None:
    """A bundle with its plans."""
    return db.session.scalars(select(Bundle).where(Bundle.id == bundle_id).options(_PARTS)).one_or_none()


def on_sale() -> Sequence[Bundle]:
    """The bundles that are sold, by name."""
    return db.session.scalars(
        select(Bundle).where(Bundle.status == BundleStatus.ACTIVE).options(_PARTS).order_by(by_letters(Bundle.name))
    ).all()
