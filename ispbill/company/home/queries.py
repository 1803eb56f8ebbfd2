"""Reads of whether any amount is written down."""
from __future__ import annotations

from sqlalchemy import ColumnElement, literal, or_, select

from ispbill.core.db import TenantModel, db

_AMOUNT = "_minor"


def has_amounts() -> bool:
    """Whether any table holds an amount of money: another currency would make it mean something else."""
    return bool(db.session.scalar(select(or_(literal(False), *_holding_amounts()))))


def _holding_amounts() -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for table in TenantModel.metadata.sorted_tables:
        amounts = [column != 0 for column in table.columns if column.name.endswith(_AMOUNT)]
        if amounts:
            found.append(select(literal(1)).select_from(table).where(or_(*amounts)).exists())
    return found
