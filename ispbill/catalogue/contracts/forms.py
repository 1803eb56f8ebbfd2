"""What people enter about contracts."""
from __future__ import annotations

from decimal import Decimal

from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, Optional

from ispbill.catalogue.contracts.policy import ContractFacts
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, MoneyField, RateField


class ContractForm(Form):
    """How long, and what leaving early costs."""

    months = IntegerField(lazy("Months"), [InputRequired(lazy("Say how many months."))])
    fixed = MoneyField(lazy("Fee for leaving early"))
    is_declining = BooleanField(lazy("The fee shrinks with each month served"))
    remaining_percent = RateField(lazy("Percent of the months left"), [Optional()])
    most = MoneyField(lazy("At most"))

    def facts(self) -> ContractFacts:
        """What was entered."""
        return ContractFacts(
            months=self.months.data or 0, fixed_minor=self.fixed.data or 0, is_declining=self.is_declining.data,
            remaining_percent=self.remaining_percent.data or Decimal(0), most_minor=self.most.data,
        )
