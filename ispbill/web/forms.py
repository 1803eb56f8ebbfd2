"""What every HTML form stands on. A form reads input and draws errors; the rules are the verb's.

A refused verb leaves nothing behind: it runs inside a savepoint, because the request around it still commits.
A form about a row that is there already is refused once where somebody else has changed the row since it was opened.
"""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.exc import DBAPIError
from wtforms import DateField, DecimalField, Field, PasswordField, SelectField, StringField
from wtforms.csrf.core import CSRFTokenField
from wtforms.fields import SelectChoice
from wtforms.widgets import TextInput

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import DomainError
from ispbill.core.i18n import english_word, lazy
from ispbill.core.i18n import gettext as _
from ispbill.core.money import typed_minor, typed_text
from ispbill.web import constraints
from ispbill.web.lists import EARLIEST, LATEST
from ispbill.web.sentences import Sentences

Result = TypeVar("Result")
# What the field is called in which a form brings back how its row read when it was opened.
AS_OPENED = "as_opened"


def _mark(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:8]


def _meanwhile(value: Any) -> str:
    if isinstance(value, str) and value:
        return _("Somebody else changed this meanwhile, to “%(value)s”. Save again to have it as it stands here.",
                 value=value)
    return _("Somebody else changed this meanwhile. Save again to have it as it stands here.")


def trimmed(value: Any) -> Any:
    """Text without outer blanks and without NUL, which PostgreSQL cannot hold; nothing becomes empty text."""
    if value is None:
        return ""
    return value.replace("\x00", "").strip() if isinstance(value, str) else value


class Form(FlaskForm):
    """The base of all forms: text arrives trimmed (passwords as they are), CSRF is checked.

    `as_opened` is a mark of how each field of the row `obj` reads, which the form sends back; empty without a row.
    """

    as_opened = ""

    class Meta(FlaskForm.Meta):
        """Adds the trimming to every field that holds text, and our language."""

        def get_translations(self, form: Any) -> type[Sentences]:
            """Where WTForms asks for its words."""
            return Sentences

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Bind a field, with `trimmed` as its last filter where it is text; the token of CSRF without an id."""
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                options["filters"] = [*unbound_field.kwargs.get("filters", ()), trimmed]
            if kind is CSRFTokenField:
                # A page may have several forms, and an id names one thing.
                options["render_kw"] = {"id": False}
            return unbound_field.bind(form=form, **options)

    def process(self, formdata: Any = None, obj: Any = None, *rest: Any, **values: Any) -> None:
        """Fill the fields, and mark how the row reads."""
        super().process(formdata, obj, *rest, **values)
        if obj is not None:
            self.as_opened = "-".join(_mark(field.object_data) for field in self._about_the_row())

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was sent can be saved; not where that would undo what somebody else saved meanwhile."""
        is_valid = super().validate(extra_validators)
        for field in self._changed_meanwhile():
            field.errors = [*field.errors, _meanwhile(field.object_data)]
            is_valid = False
        return is_valid

    def values(self) -> dict[str, Any]:
        """What was entered, by field name, without the CSRF token and buttons."""
        return {name: value for name, value in self.data.items() if name not in ("csrf_token", "submit")}

    def _about_the_row(self) -> list[Field]:
        return [field for field in self if not isinstance(field, CSRFTokenField)]

    def _changed_meanwhile(self) -> Iterator[Field]:
        """The fields whose value in the row differs both from when the form was opened and from what is sent."""
        sent, present = request.form.get(AS_OPENED, "").split("-"), self.as_opened.split("-")
        if sent == [""] or len(sent) != len(present):
            return
        for field, before, now in zip(self._about_the_row(), sent, present, strict=True):
            if before != now and field.data != field.object_data:
                yield field


class MoneyField(Field):
    """An amount in the tenant's currency; `data` is in minor units, or None where nothing was entered."""

    widget = TextInput()
    data: Any

    def __init__(self, *args: Any, negative: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.negative = negative

    @property
    def currency(self) -> str:
        """What stands before the amount."""
        return current.tenant.currency

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else typed_text(self.data, current.tenant.currency)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the amount; more decimals than the currency has are refused, never rounded."""
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = self._minor(text) if text else None

    def _minor(self, text: str) -> int:
        try:
            amount_minor = typed_minor(text, current.tenant.currency)
        except DomainError as refusal:
            raise ValueError(refusal.message) from None
        if amount_minor < 0 and not self.negative:
            raise ValueError(_("Enter an amount of zero or more."))
        return amount_minor


class RateField(DecimalField):
    """A rate or a quantity; shown without the zeros that its column fills it up with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, places=None, **kwargs)

    def _value(self) -> str:
        if self.raw_data or self.data is None:
            return str(super()._value())
        return f"{self.data.normalize():f}"


class LocalDateField(DateField):
    """A calendar day of the tenant; None where nothing was entered."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read a day as the browser sends it, within what a calendar of people can mean."""
        self.data = None
        text = str(valuelist[0]).strip() if valuelist else ""
        if text:
            self.data = _day(text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("Enter a date like 2026-03-31.")) from None
    if not EARLIEST <= day <= LATEST:
        raise ValueError(_("Enter a date between 1900 and 2199."))
    return day


class IdField(SelectField):
    """A choice of one row by its id; `data` is the id, or None for the empty choice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("invalid_choice_message", _("Choose one of the list."))
        kwargs.setdefault("invalid_value_message", _("Choose one of the list."))
        super().__init__(*args, coerce=optional_id, choices=[], **kwargs)

    def offer(self, rows: Iterable[tuple[int, str]], *, empty: str | None = None) -> None:
        """Set the choices: ids and labels, after an empty choice where one is allowed."""
        first = [] if empty is None else [("", empty)]
        self.choices = options([*first, *((str(row_id), label) for row_id, label in rows)])


def optional_id(value: object) -> int | None:
    """An id as a form sends it: digits, or nothing."""
    text = "" if value is None else str(value)
    if text in ("", "None"):
        return None
    return int(text)


def choices_of(kinds: type[StrEnum], *, empty: str | None = None) -> list[tuple[str, str]]:
    """The members of a vocabulary as choices of a select: “e_wallet” reads “E wallet”."""
    first = [] if empty is None else [("", empty)]
    return [*first, *((kind.value, lazy(english_word(kind))) for kind in kinds)]


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Values and labels as the choices that a select of a form is declared with."""
    return [SelectChoice(value, label) for value, label in pairs]


def submit(form: FlaskForm, verb: Callable[[], Result]) -> Result | None:
    """Run the verb if the form was sent and is valid; what it returns, or None where the page is to be shown.

    A DomainError or a broken constraint undoes the verb alone and is shown on the form. The verb must return
    something that is true.
    """
    if not form.validate_on_submit():
        return None
    try:
        with db.session.begin_nested():
            return verb()
    except DomainError as error:
        refuse(form, error)
    except DBAPIError as error:
        explained = constraints.explain(error)
        if explained is None:
            raise
        refuse(form, explained)
    return None


def refuse(form: FlaskForm, error: DomainError) -> None:
    """Put the sentence of a refusal on its field, or above the form where it has none."""
    if error.field is not None and error.field in form:
        field = form[error.field]
        field.errors = [*field.errors, error.message]
    else:
        form.form_errors.append(error.message)


def form_page(template: str, form: FlaskForm, **values: Any) -> ResponseReturnValue:
    """The page with the form: 422 where it has errors, so that programs and htmx see them."""
    return render_template(template, form=form, **values), 422 if form.errors else 200
