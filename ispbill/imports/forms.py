"""What people enter to bring a file in."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from ispbill.core.i18n import lazy, word
from ispbill.imports.policy import Column
from ispbill.web.forms import Form, LocalDateField, options

_ACCEPTED = ".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(Form):
    """A file, and the day it is about where its kind asks for one."""

    file = FileField(lazy("File"), [FileRequired(lazy("Choose a file."))], render_kw={"accept": _ACCEPTED})
    day = LocalDateField(lazy("Day"))


def columns_form(columns: Sequence[Column], *, header: Sequence[str], mapping: Mapping[str, str]) -> Form:
    """A form that asks, for each of our columns, which of the file's stands for it."""
    theirs = options([("", "–"), *((name, name) for name in header)])
    fields = {
        column.name: SelectField(
            word(column.name), choices=theirs, default=mapping.get(column.name, ""),
            validate_choice=False, description=column.hint,
        )
        for column in columns
    }
    form: Form = type("ColumnsForm", (Form,), fields)()
    return form
