"""Input of letting a fee go."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class WaiveForm(Form):
    """Why a late fee is let go."""

    reason = StringField(lazy("Reason"), [InputRequired(lazy("Say why: the record keeps it.")), Length(max=500)])
