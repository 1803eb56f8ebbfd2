"""Input of the chart of accounts."""
from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from ispbill.billing.chart.policy import AccountFacts, AccountKind
from ispbill.core.i18n import english_word, lazy
from ispbill.web.forms import Form, options


class AccountForm(Form):
    """What an account is called."""

    code = StringField(lazy("Code"), [InputRequired(lazy("Give it a code, such as 6200.")), Length(max=20)])
    name = StringField(lazy("Name"), [InputRequired(lazy("Give it a name.")), Length(max=120)])


class NewAccountForm(AccountForm):
    """An account to be."""

    kind = SelectField(lazy("Kind"), choices=options([(kind.value, lazy(english_word(kind))) for kind in AccountKind]),
                       description=lazy("It cannot be changed later"))

    @property
    def facts(self) -> AccountFacts:
        """What was entered."""
        return AccountFacts(code=self.code.data, name=self.name.data, kind=self.kind.data)
