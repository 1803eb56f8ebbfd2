"""Reads of labels: all with how many wear them, those of some customers."""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, select

from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, db
from ispbill.core.matching import by_letters
from ispbill.customers.labels.models import CustomerLabel, Label


def everything() -> Sequence[Label]:
    """All labels by name."""
    return db.session.scalars(select(Label).order_by(by_letters(Label.name))).all()


def get(label_id: int) -> Label | None:
    """A label."""
    return db.session.get(Label, label_id)


def choices() -> list[tuple[int, str]]:
    """Ids and names of all labels, by name."""
    return [(label.id, label.name) for label in everything()]


def counts() -> dict[int, int]:
    """How many customers wear each label; those that nobody wears are left out."""
    rows = db.session.execute(select(CustomerLabel.label_id, func.count()).group_by(CustomerLabel.label_id))
    return {label_id: wearers for label_id, wearers in rows}


def worn(customer_id: int) -> Sequence[CustomerLabel]:
    """Which labels a customer wears, as rows."""
    return db.session.scalars(select(CustomerLabel).where(CustomerLabel.customer_id == customer_id)).all()


def of_customers(customer_ids: Iterable[int]) -> dict[int, list[AnyRow]]:
    """Name and colour of the labels of some customers, by name; who wears none is left out."""
    rows = db.session.execute(
        select(CustomerLabel.customer_id, Label.id, Label.name, Label.colour)
        .join(Label, Label.id == CustomerLabel.label_id)
        .where(CustomerLabel.customer_id == any_key(customer_ids)).order_by(by_letters(Label.name))
    )
    found: dict[int, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row)
    return found


def wearers(label_id: int) -> Select[int]:
    """The ids of the customers who wear a label."""
    return select(CustomerLabel.customer_id).where(CustomerLabel.label_id == label_id)
