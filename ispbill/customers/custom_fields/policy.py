"""Rules of custom fields: how one is defined, and which values fit it. Values are kept as text. Pure."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.text import slug

KINDS = ("text", "number", "date", "choice")
LONGEST_LABEL, LONGEST_VALUE, MOST_CHOICES = 60, 500, 100
# What stands before a field's key where customers' own fields stand beside it: in forms, and in files.
FORM_PREFIX, FILE_PREFIX = "custom_", "custom."


@dataclass(frozen=True, slots=True)
class Definition:
    """A custom field as its values are held against it."""

    label: str
    kind: str
    choices: Sequence[str] = ()
    is_required: bool = False
    is_in_use: bool = True
    key: str = ""


def checked_definition(definition: Definition) -> Definition:
    """The definition as it is stored, with its key made from the label. Raises Invalid, naming the field."""
    label = " ".join(definition.label.split())
    if not 0 < len(label) <= LONGEST_LABEL:
        raise Invalid(_("Name the field, in at most %(longest_label)s characters.", longest_label=LONGEST_LABEL),
                      field="label")
    if definition.kind not in KINDS:
        raise Invalid(_("Say what stands in the field."), field="kind")
    choices = list(dict.fromkeys(" ".join(choice.split()) for choice in definition.choices if choice.strip()))
    if definition.kind == "choice" and not 0 < len(choices) <= MOST_CHOICES:
        raise Invalid(_("Give one to %(most_choices)s choices, one a line.", most_choices=MOST_CHOICES),
                      field="choices")
    if any(len(choice) > LONGEST_LABEL for choice in choices):
        raise Invalid(_("A choice has at most %(longest_label)s characters.", longest_label=LONGEST_LABEL),
                      field="choices")
    key = definition.key or slug(label).replace("-", "_")
    if not key:
        raise Invalid(_("The name needs a letter or a digit."), field="label")
    return replace(definition, label=label, key=key, choices=choices if definition.kind == "choice" else [])


def checked_values(values: Mapping[str, str], definitions: Collection[Definition]) -> dict[str, str]:
    """The values of the fields in use as they are stored; empty ones are left out.

    Raises Invalid, naming the form's field, for one that does not fit, is missing, or belongs to no field.
    """
    known = {definition.key: definition for definition in definitions}
    for key in values:
        if key not in known:
            raise Invalid(_("There is no field “%(key)s”.", key=key), field=f"{FORM_PREFIX}{key}")
    fitting = {key: _fitting(values.get(key, "").strip(), definition) for key, definition in known.items()}
    return {key: value for key, value in fitting.items() if value}


def _fitting(value: str, definition: Definition) -> str:
    field = f"{FORM_PREFIX}{definition.key}"
    if not value:
        if definition.is_required:
            raise Invalid(_("%(label)s must be given.", label=definition.label), field=field)
        return ""
    if len(value) > LONGEST_VALUE:
        raise Invalid(_("This has at most %(longest_value)s characters.", longest_value=LONGEST_VALUE), field=field)
    if definition.kind == "number":
        return _number(value, field)
    if definition.kind == "date":
        return _day(value, field)
    if definition.kind == "choice" and value not in definition.choices:
        raise Invalid(_("Choose one of: %(choices)s.", choices=", ".join(definition.choices)), field=field)
    return value


def _number(value: str, field: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Invalid(_("Write a number, like 12.5."), field=field)
    return f"{number:f}"


def _day(value: str, field: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise Invalid(_("Write a date like 2026-03-31."), field=field) from None
