"""What a plan of collections must be like. Pure; amounts in minor units."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ispbill.billing.collections.policy import Action, By, CountedFrom
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

LONGEST_NAME = 80
MOST_DAYS_BEFORE, MOST_DAYS_AFTER = 60, 730
WEEKDAYS = {1: lazy("Monday"), 2: lazy("Tuesday"), 3: lazy("Wednesday"), 4: lazy("Thursday"), 5: lazy("Friday"),
            6: lazy(
        "Saturday"), 7: lazy("Sunday")}


@dataclass(frozen=True, slots=True)
class Terms:
    """From which amount and how late steps are taken, how long a promise may last, when nobody is cut off.

    `suspension_reason_id` says why collections suspend, and by that what the days mean for the bill; `fee_tax_rate_id`
    which tax a late fee has.
    """

    is_enabled: bool
    minimum_minor: int
    grace_days: int
    longest_promise_days: int
    needs_handover: bool
    notice_days: int
    no_cut_weekdays: tuple[int, ...]
    suspension_reason_id: int
    fee_tax_rate_id: int | None = None


@dataclass(frozen=True, slots=True)
class StepFacts:
    """A step of the plan as a person describes it."""

    name: str
    action: str
    days: int
    counted_from: str = CountedFrom.DUE
    template: str = ""
    fee_flat_minor: int = 0
    fee_percent: Decimal = Decimal(0)
    repeat_every_days: int | None = None
    most_times: int | None = None
    is_active: bool = True
    channel: str = By.EMAIL


def checked_terms(terms: Terms) -> Terms:
    """The terms, if each lies within its bounds and a day for cutting off is left in the week. Raises Invalid."""
    for field, least, most in (("grace_days", 0, 60), ("longest_promise_days", 1, 90), ("notice_days", 0, 60)):
        if not least <= getattr(terms, field) <= most:
            raise Invalid(_("Enter %(least)s to %(most)s days.", least=least, most=most), field=field)
    if terms.minimum_minor < 0:
        raise Invalid(_("Enter an amount of zero or more."), field="minimum")
    if not set(terms.no_cut_weekdays) <= WEEKDAYS.keys() or len(set(terms.no_cut_weekdays)) == len(WEEKDAYS):
        raise Invalid(_("Leave at least one day of the week for cutting off."), field="no_cut_weekdays")
    return terms


def checked_step(facts: StepFacts) -> StepFacts:
    """The step, if it has a name, days within bounds, and a fee where it is one. Raises Invalid."""
    if not 0 < len(facts.name.strip()) <= LONGEST_NAME:
        raise Invalid(_("Give the step a name of at most %(longest_name)s characters.", longest_name=LONGEST_NAME),
                      field="name")
    if facts.channel not in list(By):
        raise Invalid(_("Choose how customers are told."), field="channel")
    if facts.action not in list(Action) or facts.counted_from not in list(CountedFrom):
        raise Invalid(_("Choose what the step does."), field="action")
    if not -MOST_DAYS_BEFORE <= facts.days <= MOST_DAYS_AFTER:
        raise Invalid(_("Enter %(value)s to %(most_days_after)s days.", value=-MOST_DAYS_BEFORE,
                        most_days_after=MOST_DAYS_AFTER), field="days")
    if facts.action != Action.REMIND and facts.days < 1:
        raise Invalid(_("Only a reminder comes on the day or before it."), field="days")
    _check_fee(facts)
    _check_repetition(facts)
    return facts


def _check_fee(facts: StepFacts) -> None:
    if not 0 <= facts.fee_percent <= 100:
        raise Invalid(_("A percentage lies between 0 and 100."), field="fee_percent")
    is_fee = facts.action == Action.FEE
    if is_fee and facts.is_active and not (facts.fee_flat_minor or facts.fee_percent):
        raise Invalid(_("Say how much the fee is: an amount, a percentage, or both."), field="fee_flat")
    if not is_fee and (facts.fee_flat_minor or facts.fee_percent):
        raise Invalid(_("Only a late fee has an amount."), field="fee_flat")


def _check_repetition(facts: StepFacts) -> None:
    if facts.repeat_every_days is None and facts.most_times is None:
        return
    if facts.action not in (Action.REMIND, Action.FEE):
        raise Invalid(_("Only a reminder or a fee is repeated."), field="repeat_every_days")
    for field in ("repeat_every_days", "most_times"):
        value = getattr(facts, field)
        if value is not None and not 1 <= value <= MOST_DAYS_AFTER:
            raise Invalid(_("Enter a number above zero, or nothing."), field=field)
