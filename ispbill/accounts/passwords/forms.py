"""Input of setting a password."""
from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from ispbill.accounts.policy import LONGEST_PASSWORD, SHORTEST_PASSWORD
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form

_HELP = lazy("At least %(shortest_password)s characters. Several words are better than signs.",
             shortest_password=SHORTEST_PASSWORD)


class ResetForm(Form):
    """Where the link is to be sent."""

    email = StringField(
        lazy("E-mail address"), [InputRequired(lazy("Enter your e-mail address.")), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "username", "autofocus": True},
    )


class SetPasswordForm(Form):
    """A new password, twice."""

    password = PasswordField(
        lazy("New password"), [InputRequired(lazy("Enter a password.")), Length(max=LONGEST_PASSWORD)],
        description=_HELP,
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(lazy("The same again"), [EqualTo("password", lazy("The two do not match."))],
                          render_kw={"autocomplete": "new-password"})


class ChangePasswordForm(SetPasswordForm):
    """The present password and a new one."""

    present = PasswordField(lazy("Present password"), [InputRequired(lazy("Enter your present password."))],
                            render_kw={"autocomplete": "current-password"})
