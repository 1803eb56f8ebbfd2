"""Input of the billing runs' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from wtforms import BooleanField
from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField


class DayForm(Form):
    """The day to look at before a run. It changes nothing, so it travels in the address."""

    class Meta(Form.Meta):
        """Without a token: looking is harmless."""

        csrf = False

    day = LocalDateField(lazy("Billing day"), [InputRequired(lazy("Choose a day."))])


class PreviewForm(Form):
    """The day whose preview is to be made."""

    day = LocalDateField(lazy("Billing day"), [InputRequired(lazy("Choose a day."))])


class StartForm(Form):
    """The day to bill, and whether to bill at once or to wait for approval."""

    billing_on = LocalDateField(lazy("Billing day"), [InputRequired(lazy("Choose a day."))])
    approve = BooleanField(lazy("Bill at once"))


class DecisionForm(Form):
    """A button that says yes: it carries nothing but the token."""
