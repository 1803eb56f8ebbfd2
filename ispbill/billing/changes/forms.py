"""What people enter to change a subscription. While it is filled in, the page is asked what that means for the bill."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, Optional

from ispbill.catalogue.queries import PlanOffer
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.subscriptions.forms import priced
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField

_NO_DAY, _NO_REASON = lazy("Say from which day."), lazy("Say why: whoever looks later will want to know.")
_DECIDING = ("plan_id", "quantity", "unit_price", "restarts", "anchor_day", "reason_id", "credits", "on",
             "until")
_FORESEE = {
    "hx-get": "", "hx-target": "#effect", "hx-select": "#effect", "hx-swap": "outerHTML",
    "hx-trigger": "input delay:300ms", "hx-sync": "closest form:queue last",
    "hx-include": ",".join(f"[name={name}]:not([type=radio]),[name={name}]:checked" for name in _DECIDING),
}


class EffectForm(Form):
    """A change whose effect is shown while it is filled in; what decides it is asked with, reasons are not."""

    def __init__(self, *facts: Any, **more: Any) -> None:
        super().__init__(*facts, **more)
        for name in _DECIDING:
            if name in self:
                self[name].render_kw = {**(self[name].render_kw or {}), **_FORESEE}


class ChangeForm(EffectForm):
    """Another plan, quantity or price instead of what is charged now."""

    plan_id = IdField(lazy("Plan"), [InputRequired(lazy("Choose a plan."))])
    quantity = IntegerField(lazy("How many"), [InputRequired(lazy("Say how many."))])
    unit_price = MoneyField(lazy("Price agreed"),
                            description=lazy("Empty: the plan's own price, or what is agreed now"))
    on = LocalDateField(lazy("From"), [InputRequired(_NO_DAY)])
    restarts = BooleanField(lazy("A full new period begins on that day"),
                            description=lazy("Otherwise billing days stay."))

    def offer(self, plans: Sequence[PlanOffer], present: tuple[int, str]) -> None:
        """Set the choices: what is sold with its price, and what is charged now."""
        sold = [(plan.id, priced(plan)) for plan in plans if plan.id != present[0]]
        self.plan_id.offer([(present[0], _("%(plan)s (now)", plan=present[1])), *sold])


class AddForm(EffectForm):
    """Something more to charge."""

    plan_id = IdField(lazy("Plan or add-on"), [InputRequired(lazy("Choose a plan."))])
    quantity = IntegerField(lazy("How many"), [InputRequired(lazy("Say how many."))])
    unit_price = MoneyField(lazy("Price agreed"), description=lazy("Empty: the plan's own price"))
    on = LocalDateField(lazy("From"), [InputRequired(_NO_DAY)])

    def offer(self, plans: Sequence[PlanOffer]) -> None:
        """Set the choices: what is sold, with its price."""
        self.plan_id.offer([(plan.id, priced(plan)) for plan in plans], empty=_("Choose a plan"))


class RemoveForm(EffectForm):
    """From when something is charged no longer."""

    on = LocalDateField(lazy("First day not charged"), [InputRequired(_NO_DAY)])


class AnchorForm(EffectForm):
    """Another billing day, and from when."""

    anchor_day = IntegerField(lazy("Billing day"), [Optional()], description=lazy(
            "1 to 31; in shorter months it is the last day."))
    on = LocalDateField(lazy("From"), [InputRequired(_NO_DAY)])


class SuspendForm(EffectForm):
    """From when service stops, perhaps until when, and why."""

    on = LocalDateField(lazy("From"), [InputRequired(_NO_DAY)], description=lazy("Today, or a day to come"))
    until = LocalDateField(lazy("Served again from"), description=lazy("Empty: when somebody resumes it"))
    reason_id = IdField(lazy("Why"), [InputRequired(lazy("Choose why."))])
    reason = TextAreaField(lazy("Note"))


class ResumeForm(EffectForm):
    """From when service is given again."""

    on = LocalDateField(lazy("From"), [InputRequired(_NO_DAY)])


class EndForm(EffectForm):
    """The first day no longer served, and why."""

    on = LocalDateField(lazy("First day no longer served"), [InputRequired(_NO_DAY)])
    credits = BooleanField(lazy("Give back the days after it that are billed"))
    reason = TextAreaField(lazy("Reason"), [InputRequired(_NO_REASON)])
