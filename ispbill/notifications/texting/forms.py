"""Input of the page of text messages."""
from __future__ import annotations

from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.notifications.texting.policy import SmsTerms
from ispbill.web.forms import Form


class SmsForm(Form):
    """The account at the provider."""

    account_sid = StringField(lazy("Account SID"), [InputRequired(lazy("Enter the account.")), Length(max=34)])
    token = PasswordField(lazy("Auth token"), [Length(max=100)],
                          description=lazy("Kept encrypted. Empty keeps the one that is known."))
    sender = StringField(lazy("Sender"), [InputRequired(lazy("Say who sends.")), Length(max=34)],
                         description=lazy("A number of yours, a name, or a messaging service"))
    is_enabled = BooleanField(lazy("Send text messages"), default=True)

    @property
    def terms(self) -> SmsTerms:
        """What was entered."""
        return SmsTerms(self.account_sid.data or "", self.token.data or "", self.sender.data or "",
                        self.is_enabled.data)
