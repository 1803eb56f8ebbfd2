"""What people enter about usage."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import DecimalField, StringField
from wtforms.validators import InputRequired

from ispbill.web.forms import Form, LocalDateField


class UsageForm(Form):
    """A reading, or below zero the correction of one."""

    used_on = LocalDateField("Day", [InputRequired("Say on which day.")])
    quantity = DecimalField("Quantity", [InputRequired("Enter a quantity.")], places=None,
                            description="Below zero it corrects what was recorded")
    source = StringField("Where it comes from", [InputRequired("Say where it comes from.")],
                         description="Stands once, such as “meter 17, June”")


class UploadForm(Form):
    """Usage as a file."""

    file = FileField("File", [FileRequired("Choose a file.")], render_kw={"accept": ".csv,text/csv"})
