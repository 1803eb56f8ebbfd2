"""What people enter about areas."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from ispbill.web.forms import Form


class AreaForm(Form):
    """The name of an area."""

    name = StringField("Name", [InputRequired("Give the area a name.")])
