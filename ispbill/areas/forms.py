"""What people enter about areas."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class AreaForm(Form):
    """The name of an area."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the area a name."))])
