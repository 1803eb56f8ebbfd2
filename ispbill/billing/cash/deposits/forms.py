"""Input of the pages of cash deposits."""
from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.billing.cash.deposits import queries
from ispbill.billing.cash.deposits.service import DepositFacts
from ispbill.billing.cash.forms import PiecesForm
from ispbill.core.current import current
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField, MoneyField


class DepositForm(PiecesForm):
    """What the bank's slip says; the pieces may be left out."""

    amount = MoneyField(lazy("Amount"), [InputRequired(lazy("Enter the amount of the slip."))])
    bank = StringField(lazy("Bank and account"),
                       [InputRequired(lazy("Say where, such as: BDO savings 0012.")), Length(max=120)],
                       default=queries.latest_bank)
    reference = StringField(lazy("Number of the slip"),
                            [InputRequired(lazy("Enter the number that the bank printed.")), Length(max=100)])
    deposited_on = LocalDateField(lazy("Paid in on"), default=lambda: current.today())
    note = TextAreaField(lazy("Note"), [Length(max=500)])

    @property
    def facts(self) -> DepositFacts:
        """What was entered, as the verb takes it."""
        return DepositFacts(amount_minor=self.amount.data, bank=self.bank.data, reference=self.reference.data,
                            deposited_on=self.deposited_on.data, note=self.note.data,
                            denominations=self.denominations)


class CancelForm(Form):
    """Why a deposit is cancelled."""

    reason = StringField(lazy("Reason"), [InputRequired(lazy("Say why, such as: the bank never had it.")),
                                          Length(max=500)], description=lazy("Kept with the deposit."))
