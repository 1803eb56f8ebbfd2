"""What people enter when a prepaid line becomes postpaid."""
from __future__ import annotations

from wtforms import RadioField

from ispbill.web.forms import Form, options

AT_EXPIRY, AT_ONCE = "at_expiry", "at_once"


class PostpaidForm(Form):
    """From when the line is billed."""

    when = RadioField("From when", default=AT_EXPIRY, choices=options([
        (AT_EXPIRY, "When the prepaid time is over"), (AT_ONCE, "Today: what is left returns to the wallet"),
    ]))
