"""Input about the second factor."""
from __future__ import annotations

from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ispbill.accounts.policy import LONGEST_PASSWORD
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form

_APP = {"inputmode": "numeric", "autocomplete": "one-time-code"}
_EITHER = {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}


class CodeForm(Form):
    """A code of the app, or a recovery code."""

    code = StringField(lazy("Code"), [InputRequired(lazy("Enter the code.")), Length(max=40)], render_kw=_EITHER,
                       description=lazy("The six digits that your app shows now, or one of your recovery codes."))


class SignInCodeForm(CodeForm):
    """The code after the password, and where to go then."""

    next = HiddenField()


class SetUpForm(Form):
    """The first code of a new app, and the password of whoever sets it up."""

    sealed = HiddenField("")
    next = HiddenField()
    code = StringField(lazy("Code that the app shows"), [InputRequired(lazy("Enter the code.")), Length(max=40)],
                       render_kw=_APP)
    password = PasswordField(lazy("Your password"),
                             [InputRequired(lazy("Enter your password.")), Length(max=LONGEST_PASSWORD)],
                             render_kw={"autocomplete": "current-password"})


class RulesForm(Form):
    """What signing in asks of everybody."""

    requires_second_factor = BooleanField(
        lazy("Everybody signs in with two factors"),
        description=lazy("Who has not set it up is led to it at their next page. Otherwise roles say who must."),
    )
