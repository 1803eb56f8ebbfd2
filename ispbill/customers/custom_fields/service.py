"""Verbs of custom fields: define one, change it. None is removed, for values would stay behind; it goes out of use."""
from __future__ import annotations

from dataclasses import asdict, replace

from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _
from ispbill.customers.custom_fields import queries
from ispbill.customers.custom_fields.models import CustomField
from ispbill.customers.custom_fields.policy import Definition, checked_definition

MOST_FIELDS = 30


def define(definition: Definition) -> CustomField:
    """Ask something more of each customer.

    Raises Invalid, or Conflict where very much is asked already; the database refuses a name that is there.
    """
    if len(queries.everything()) >= MOST_FIELDS:
        raise Conflict(_("There are at most %(most_fields)s fields. Put another one to use.", most_fields=MOST_FIELDS))
    field = CustomField(**asdict(checked_definition(definition)))
    db.session.add(field)
    db.session.flush()
    return field


def redefine(field: CustomField, *, definition: Definition) -> CustomField:
    """Another name, other choices, required or not, in use or not; the kind stays as it is. Raises Invalid."""
    known = checked_definition(replace(definition, kind=field.kind, key=field.key))
    for name, value in asdict(known).items():
        setattr(field, name, value)
    db.session.flush()
    return field
