"""Input of the invoices' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class VoidForm(Form):
    """Why an invoice is voided."""

    reason = StringField(
        lazy("Reason"), [InputRequired(lazy("Say why: the register of invoices keeps it.")), Length(max=500)],
        description=lazy("Kept in the register of invoices and printed on the document."),
    )
