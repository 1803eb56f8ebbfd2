"""What people enter when a prepaid line becomes postpaid."""
from __future__ import annotations

from wtforms import RadioField

from ispbill.billing.prepaid.forms import ASKED_AT_ONCE, LoadForm
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, options

AT_EXPIRY, AT_ONCE = "at_expiry", "at_once"
AS_BILLED = "as_billed"


class PostpaidForm(Form):
    """From when the line is billed."""

    when = RadioField(lazy("From when"), default=AT_EXPIRY, choices=options([
        (AT_EXPIRY, lazy("When the prepaid time is over")),
        (AT_ONCE, lazy("Today: what is left from this morning on returns to the wallet")),
    ]))


class PrepaidForm(LoadForm):
    """The first load of a line that was postpaid, and from when."""

    when = RadioField(lazy("From when"), default=AS_BILLED, choices=options([
        (AS_BILLED, lazy("At the end of the period: what is billed is used up")),
        (AT_ONCE, lazy("Now: the next bill gives back the days from today on")),
    ]), render_kw=ASKED_AT_ONCE)
