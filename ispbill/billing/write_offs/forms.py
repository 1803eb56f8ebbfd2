"""Input of the write-offs' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class WriteOffForm(Form):
    """Why debt is given up."""

    reason = StringField(lazy("Reason"), [InputRequired(lazy("Say why, such as: moved away without an address.")),
                                    Length(max=500)], description=lazy("Kept in the register of write-offs."))
