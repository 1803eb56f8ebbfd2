"""What people enter about usage."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import DecimalField, StringField
from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField


class UsageForm(Form):
    """A reading, or below zero the correction of one."""

    used_on = LocalDateField(lazy("Day"), [InputRequired(lazy("Say on which day."))])
    quantity = DecimalField(lazy("Quantity"), [InputRequired(lazy("Enter a quantity."))], places=None,
                            description=lazy("Below zero it corrects what was recorded"))
    source = StringField(lazy("Where it comes from"), [InputRequired(lazy("Say where it comes from."))],
                         description=lazy("Stands once, such as “meter 17, June”"))


class UploadForm(Form):
    """Usage as a file."""

    file = FileField(lazy("File"), [FileRequired(lazy("Choose a file."))], render_kw={"accept": ".csv,text/csv"})
