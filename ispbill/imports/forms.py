"""What people enter to bring a file in."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy, word
from ispbill.core.notations import DATES, DAY_FIRST, DECIMALS, MONTH_FIRST, YEAR_FIRST, Notation
from ispbill.imports.policy import DAY, NUMBER, Column
from ispbill.web.forms import Form, LocalDateField, options

_ACCEPTED = ".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(Form):
    """A file, and the day it is about where its kind asks for one."""

    file = FileField(lazy("File"), [FileRequired(lazy("Choose a file."))], render_kw={"accept": _ACCEPTED})
    day = LocalDateField(lazy("Day"))


def columns_form(
    columns: Sequence[Column], *, header: Sequence[str], mapping: Mapping[str, str], notation: Notation
) -> Form:
    """A form that asks, for each of our columns, which of the file's stands for it, and how the file writes values."""
    theirs = options([("", "–"), *((name, name) for name in header)])
    fields = {
        column.name: SelectField(
            word(column.name), choices=theirs, default=mapping.get(column.name, ""),
            validate_choice=False, description=column.hint,
        )
        for column in columns
    }
    held = {column.holds for column in columns}
    if DAY in held:
        fields["dates"] = SelectField(lazy("Dates are written"), choices=options(_dates()), default=notation.dates)
    if NUMBER in held:
        fields["decimals"] = SelectField(
            lazy("Numbers are written"), choices=options(DECIMALS.items()), default=notation.decimals
        )
    form: Form = type("ColumnsForm", (Form,), fields)()
    return form


def said_in(form: Form, notation: Notation) -> dict[str, Any]:
    """What a form of columns says, as its verb takes it."""
    mapping = form.values()
    said = Notation(mapping.pop("dates", notation.dates), mapping.pop("decimals", notation.decimals))
    return {"mapping": mapping, "notation": said}


def _dates() -> list[tuple[str, str]]:
    return [
        (YEAR_FIRST, _("year-month-day, like %(example)s", example=DATES[YEAR_FIRST])),
        (DAY_FIRST, _("day/month/year, like %(example)s", example=DATES[DAY_FIRST])),
        (MONTH_FIRST, _("month/day/year, like %(example)s", example=DATES[MONTH_FIRST])),
    ]
