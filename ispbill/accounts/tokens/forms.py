"""Input about API tokens."""
from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from ispbill.accounts.forms import PermissionForm
from ispbill.web.forms import options

_NEVER = "0"


class TokenForm(PermissionForm):
    """What a token is for, how long it works and what it may do."""

    name = StringField("What it is for", [InputRequired("Enter what the token is for."), Length(max=100)])
    expires = SelectField("Works for", choices=options([
        ("30", "30 days"), ("90", "90 days"), ("365", "One year"), (_NEVER, "Until it is revoked"),
    ]), default="90")

    @property
    def days(self) -> int | None:
        """How many days the token works; None for ever."""
        return None if self.expires.data == _NEVER else int(self.expires.data)
