"""Verbs of labels: make one, rename it, take it away; say which a customer wears."""
from __future__ import annotations

from collections.abc import Collection

from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.labels import queries
from ispbill.customers.labels.models import CustomerLabel, Label, LabelColour
from ispbill.customers.models import Customer

LONGEST_NAME = 40


def add(name: str, *, colour: str) -> Label:
    """Make a label. Raises Invalid; the database refuses a name that is there."""
    label = Label(**_checked(name, colour))
    db.session.add(label)
    db.session.flush()
    return label


def change(label: Label, *, name: str, colour: str) -> Label:
    """Another name or colour; who wears it wears it still. Raises Invalid."""
    for column, value in _checked(name, colour).items():
        setattr(label, column, value)
    db.session.flush()
    return label


def remove(label: Label) -> Label:
    """Take a label away, from everybody who wears it."""
    db.session.delete(label)
    db.session.flush()
    return label


def wear(customer: Customer, *, label_ids: Collection[int]) -> Customer:
    """Say which labels a customer wears: just these."""
    worn = {row.label_id: row for row in queries.worn(customer.id)}
    for label_id in worn.keys() - set(label_ids):
        db.session.delete(worn[label_id])
    db.session.add_all(
        CustomerLabel(customer_id=customer.id, label_id=label_id) for label_id in set(label_ids) - worn.keys()
    )
    db.session.flush()
    return customer


def _checked(name: str, colour: str) -> dict[str, str]:
    plain = " ".join(name.split())
    if not 0 < len(plain) <= LONGEST_NAME:
        raise Invalid(_("Give the label a name of at most %(longest_name)s characters.", longest_name=LONGEST_NAME),
                      field="name")
    if colour not in list(LabelColour):
        raise Invalid(_("Choose one of the colours."), field="colour")
    return {"name": plain, "colour": colour}
