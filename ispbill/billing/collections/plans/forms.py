"""Input of the plan's pages."""
from __future__ import annotations

from decimal import Decimal

from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ispbill.billing.collections.dunning.letters import TEMPLATES
from ispbill.billing.collections.plans.policy import WEEKDAYS, StepFacts, Terms
from ispbill.billing.collections.policy import Action, By, CountedFrom
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField, RateField, options

ACTIONS = {Action.REMIND: lazy("Remind"), Action.FEE: lazy("Charge a late fee"),
           Action.SUSPEND: lazy("Suspend service"),
           Action.TERMINATE: lazy("Terminate")}
CHANNELS = {By.EMAIL.value: lazy("E-mail"), By.SMS.value: lazy("Text message"),
            By.HAND.value: lazy("By hand: a call or a visit")}
_DAYS = lazy("Enter a number of days.")


class TermsForm(Form):
    """How collections work."""

    is_enabled = BooleanField(lazy("Collect by itself every morning"),
                              description=lazy("Switching on takes what is overdue as due today."))
    minimum = MoneyField(lazy("Smallest amount"), description=lazy("Less than this overdue brings no notice and no "
                                                             "suspension"))
    grace_days = IntegerField(lazy("Days of grace"), [InputRequired(_DAYS)],
                              description=lazy("Everything after the due day comes that much later"))
    longest_promise_days = IntegerField(lazy("Longest promise, in days"), [InputRequired(_DAYS)])
    no_cut_weekdays = SelectMultipleField(
        lazy("Nobody is cut off on"), coerce=int, choices=options((str(day), name) for day, name in WEEKDAYS.items()),
        widget=ListWidget(), option_widget=CheckboxInput(),
    )
    needs_handover = BooleanField(lazy("Suspend only once the bill has arrived"),
                                  description=lazy("An invoice whose message could not be sent suspends nobody."))
    notice_days = IntegerField(lazy("Days from arrival to suspension"), [InputRequired(_DAYS)])
    suspension_reason_id = IdField(lazy("Reason of a suspension"), [InputRequired(lazy("Choose a reason."))],
                                   description=lazy("It says what the days without service mean for the bill."))
    fee_tax_rate_id = IdField(lazy("Tax on late fees"))

    @property
    def terms(self) -> Terms:
        """What was entered."""
        return Terms(
            is_enabled=self.is_enabled.data, minimum_minor=self.minimum.data or 0, grace_days=self.grace_days.data or 0,
            longest_promise_days=self.longest_promise_days.data or 0, needs_handover=self.needs_handover.data,
            notice_days=self.notice_days.data or 0, no_cut_weekdays=tuple(self.no_cut_weekdays.data or ()),
            suspension_reason_id=self.suspension_reason_id.data or 0, fee_tax_rate_id=self.fee_tax_rate_id.data,
        )


class StepForm(Form):
    """A step of the plan."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the step a name.")), Length(max=80)])
    action = SelectField(lazy("What it does"), choices=options((str(key), label) for key, label in ACTIONS.items()))
    days = IntegerField(lazy("Days"), [InputRequired(_DAYS)],
                        description=lazy("After the due day; below zero, before it"))
    counted_from = SelectField(lazy("Counted from"), choices=options([
        (CountedFrom.DUE.value, lazy("The due day")), (CountedFrom.ISSUE.value, lazy("The day of issue"))]))
    template = SelectField(lazy("Message"), choices=options(TEMPLATES.items()))
    channel = SelectField(lazy("Told by"), choices=options(CHANNELS.items()), default=By.EMAIL.value,
                          description=lazy("By hand it becomes a task that the staff sees under Collections."))
    fee_flat = MoneyField(lazy("Fee: an amount"))
    fee_percent = RateField(lazy("Fee: percent of what is open"), [Optional(), NumberRange(0, 100)])
    repeat_every_days = IntegerField(lazy("Repeat every so many days"), [Optional()], description=lazy("Empty: once"))
    most_times = IntegerField(lazy("At most so many times"), [Optional()], description=lazy(
            "Empty: for as long as it is open"))
    is_active = BooleanField(lazy("In force"), default=True)

    @property
    def facts(self) -> StepFacts:
        """What was entered."""
        return StepFacts(
            name=self.name.data, action=self.action.data, days=self.days.data or 0,
            counted_from=self.counted_from.data, template=self.template.data, fee_flat_minor=self.fee_flat.data or 0,
            fee_percent=self.fee_percent.data or Decimal(0), repeat_every_days=self.repeat_every_days.data,
            most_times=self.most_times.data, is_active=self.is_active.data, channel=self.channel.data,
        )


class NoCutDayForm(Form):
    """A day on which nobody is cut off."""

    day = LocalDateField(lazy("Day"), [InputRequired(lazy("Say which day."))])
    name = StringField(lazy("Name"), [InputRequired(lazy("Give the day a name, such as a holiday.")), Length(max=80)])
    area_id = IdField(lazy("Where"))
