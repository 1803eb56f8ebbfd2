"""Input about API tokens."""
from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from ispbill.accounts.forms import PermissionForm
from ispbill.core.i18n import lazy
from ispbill.web.forms import options

_NEVER = "0"


class TokenForm(PermissionForm):
    """What a token is for, how long it works and what it may do."""

    name = StringField(lazy("What it is for"), [InputRequired(lazy("Enter what the token is for.")), Length(max=100)])
    expires = SelectField(lazy("Works for"), choices=options([
        ("30", lazy("30 days")), ("90", lazy("90 days")), ("365", lazy("One year")),
        (_NEVER, lazy("Until it is revoked")),
    ]), default="90")

    @property
    def days(self) -> int | None:
        """How many days the token works; None for ever."""
        return None if self.expires.data == _NEVER else int(self.expires.data)
