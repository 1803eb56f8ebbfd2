"""What people enter to define a field; and forms of customers with the fields of this company added."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.customers.custom_fields.models import FieldKind
from ispbill.customers.custom_fields.policy import FORM_PREFIX, Definition
from ispbill.web.forms import Form, choices_of, options

Made = TypeVar("Made", bound=Form)


class FieldForm(Form):
    """A field."""

    label = StringField(lazy("Name"), [InputRequired(lazy("Name the field."))])
    kind = SelectField(lazy("What stands in it"), choices=options(choices_of(FieldKind)), validate_choice=False)
    choices = TextAreaField(lazy("Choices, one a line"), description=lazy("Only for a choice"))
    is_required = BooleanField(lazy("It must be filled in"))
    is_in_use = BooleanField(lazy("It is in use"), default=True)

    def definition(self) -> Definition:
        """What was entered."""
        kind = self.kind.data if self.kind else None
        return Definition(
            label=self.label.data, kind=kind or "", choices=self.choices.data.splitlines(),
            is_required=self.is_required.data, is_in_use=self.is_in_use.data,
        )


def with_fields(base: type[Made], definitions: Iterable[Definition]) -> type[Made]:
    """The form with an input for each field in use."""
    inputs = {f"{FORM_PREFIX}{definition.key}": _input(definition) for definition in definitions}
    return type(base.__name__, (base,), inputs)


def initial(values: Mapping[str, str]) -> dict[str, str]:
    """Values of custom fields, by the names of their inputs."""
    return {f"{FORM_PREFIX}{key}": value for key, value in values.items()}


def inputs_of(form: Form) -> list[Field]:
    """The inputs of custom fields that a form has."""
    return [field for field in form if field.name.startswith(FORM_PREFIX)]


def entered(form: Form) -> dict[str, str]:
    """What was entered in the custom fields, by their keys."""
    return {field.name.removeprefix(FORM_PREFIX): field.data or "" for field in inputs_of(form)}


def _input(definition: Definition) -> Any:
    required = [InputRequired(_("%(label)s must be given.", label=definition.label))] if definition.is_required else []
    if definition.kind == "choice":
        choices = options([("", "–"), *((choice, choice) for choice in definition.choices)])
        return SelectField(definition.label, required, choices=choices, validate_choice=False)
    attributes = {"date": {"type": "date"}, "number": {"inputmode": "decimal"}}.get(definition.kind, {})
    return StringField(definition.label, required, render_kw=attributes)
