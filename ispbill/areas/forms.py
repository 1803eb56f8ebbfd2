"""What people enter about areas."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import InputRequired

from ispbill.web.forms import Form


class AreaForm(Form):
    """The name of an area."""

    name = StringField("Name", [InputRequired("Give the area a name.")])


class AreaListForm(Form):
    """A list of areas as a file."""

    file = FileField("File", [FileRequired("Choose a file.")], render_kw={"accept": ".csv,text/csv"})
