"""Input of the pages of batches."""
from __future__ import annotations

from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField


class BatchForm(Form):
    """From when to when the statements reach."""

    since = LocalDateField(lazy("From"), [InputRequired(lazy("Say from which day."))])
    until = LocalDateField(lazy("To"), [InputRequired(lazy("Say to which day."))])
