"""Input of the platform's own site. It comes by GET and changes nothing, so it carries no CSRF token."""
from __future__ import annotations

from wtforms import StringField

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class AddressForm(Form):
    """Which company a visitor works for."""

    class Meta(Form.Meta):
        """Without a token."""

        csrf = False

    company = StringField(lazy("Your company's address"))
