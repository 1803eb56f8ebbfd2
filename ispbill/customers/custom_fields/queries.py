"""Reads of custom fields."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ispbill.core.db import db
from ispbill.customers.custom_fields.models import CustomField
from ispbill.customers.custom_fields.policy import Definition


def everything() -> Sequence[CustomField]:
    """All fields, in the order they were defined, those out of use included."""
    return db.session.scalars(select(CustomField).order_by(CustomField.id)).all()


def in_use() -> list[Definition]:
    """The fields that are asked for, in the order they were defined."""
    return [definition_of(field) for field in everything() if field.is_in_use]


def get(field_id: int) -> CustomField | None:
    """A field."""
    return db.session.get(CustomField, field_id)


def definition_of(field: CustomField) -> Definition:
    """A field as values are held against it."""
    return Definition(label=field.label, kind=field.kind, choices=field.choices, is_required=field.is_required,
                      is_in_use=field.is_in_use, key=field.key)
