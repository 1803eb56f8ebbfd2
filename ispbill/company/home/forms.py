"""Input of the page of time zone and currency."""
from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class HomeForm(Form):
    """By which clock the company lives, and in what it counts."""

    timezone = SelectField(lazy("Time zone"), description=lazy(
        "Days begin and end by it: billing, reminders, due days, reports. What was issued keeps its day."))
    currency = StringField(lazy("Currency"), [InputRequired(lazy("Enter a currency.")), Length(max=3)],
                           description=lazy("Its ISO code. It stays once any amount is written down."))
