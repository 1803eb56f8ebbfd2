"""What people enter about subscriptions."""
from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField, HiddenField, IntegerField, SelectMultipleField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ispbill.catalogue.models import PlanKind
from ispbill.catalogue.policy import Fee, period_label
from ispbill.catalogue.queries import PlanOffer
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField


class SubscribeForm(Form):
    """What a customer subscribes to, from when, at which price. `seen` says which preview was looked at."""

    plan_id = IdField(lazy("Plan"), [InputRequired(lazy("Choose a plan."))])
    quantity = IntegerField(lazy("How many"), [Optional()], default=1)
    unit_price = MoneyField(lazy("Price agreed"))
    addon_ids = SelectMultipleField(
        lazy("Add-ons"), coerce=int, choices=[], widget=ListWidget(), option_widget=CheckboxInput()
    )
    fee_ids = SelectMultipleField(
        lazy("One-time fees"), coerce=int, choices=[], widget=ListWidget(), option_widget=CheckboxInput(),
        description=lazy("Asked with the first bill.")
    )
    start_on = LocalDateField(lazy("First day"), [InputRequired(lazy("Say on which day it begins."))])
    anchor_day = IntegerField(lazy("Billing day"), [Optional()])
    aligned_on = LocalDateField(lazy("A period begins on"), [Optional()])
    without_trial = BooleanField(lazy("Charge from the first day, without the plan's free trial"))
    installation_id = IdField(lazy("Installation"))
    seen = HiddenField("")

    def offer(self, plans: Sequence[PlanOffer], installations: Sequence[tuple[int, str]]) -> None:
        """Set the choices: plans and add-ons with their price, and the customer's lines."""
        main = [plan for plan in plans if plan.kind != PlanKind.ADDON]
        self.plan_id.offer([(plan.id, priced(plan)) for plan in main], empty=_("Choose a plan"))
        self.addon_ids.choices = [(plan.id, priced(plan)) for plan in plans if plan.kind == PlanKind.ADDON]
        self.installation_id.offer(installations, empty=_("None yet"))

    def offer_fees(self, fees: Sequence[Fee]) -> None:
        """Set the choices of what is asked once, with the first bill."""
        currency = current.tenant.currency
        self.fee_ids.choices = [(fee.id, f"{fee.name}, {format_money(fee.amount_minor, currency)}") for fee in fees]

    def fingerprint(self) -> str:
        """The values that decide what is billed, to tell whether a preview is of these."""
        deciding = (self.plan_id, self.quantity, self.unit_price, self.addon_ids, self.start_on, self.anchor_day,
                    self.aligned_on, self.without_trial, self.fee_ids)
        return "|".join(str(field.data) for field in deciding)


def priced(plan: PlanOffer) -> str:
    """A plan as a choice: its name and what a period of it costs."""
    if plan.amount_minor is None:
        return _("%(plan)s (no price yet)", plan=plan.name)
    period = period_label(plan.period_unit, plan.period_count)
    return _("%(plan)s, %(price)s a %(period)s", plan=plan.name,
             price=format_money(plan.amount_minor, current.tenant.currency), period=period)
