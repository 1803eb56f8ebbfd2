"""What people enter to change what a subscription is charged for."""
from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, Optional

from ispbill.catalogue.queries import PlanOffer
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField

_NO_DAY = "Say from which day."


class ChangeForm(Form):
    """Another plan, quantity or price instead of what is charged now."""

    plan_id = IdField("Plan", [InputRequired("Choose a plan.")])
    quantity = IntegerField("How many", [InputRequired("Say how many.")])
    unit_price = MoneyField("Price agreed")
    on = LocalDateField("From", [InputRequired(_NO_DAY)])
    restarts = BooleanField("A full new period begins on that day", description="Otherwise billing days stay.")

    def offer(self, plans: Sequence[PlanOffer], present: tuple[int, str]) -> None:
        """Set the choices: what is sold, and what is charged now."""
        sold = [(plan.id, plan.name) for plan in plans if plan.id != present[0]]
        self.plan_id.offer([(present[0], f"{present[1]} (now)"), *sold])


class AddForm(Form):
    """Something more to charge."""

    plan_id = IdField("Plan", [InputRequired("Choose a plan.")])
    quantity = IntegerField("How many", [InputRequired("Say how many.")])
    unit_price = MoneyField("Price agreed")
    on = LocalDateField("From", [InputRequired(_NO_DAY)])


class RemoveForm(Form):
    """From when something is charged no longer."""

    on = LocalDateField("First day not charged", [InputRequired(_NO_DAY)])


class AnchorForm(Form):
    """Another billing day, and from when."""

    anchor_day = IntegerField("Billing day", [Optional()])
    on = LocalDateField("From", [InputRequired(_NO_DAY)])
