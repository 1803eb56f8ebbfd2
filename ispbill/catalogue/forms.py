"""What people enter about plans and prices."""
from __future__ import annotations

from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from ispbill.catalogue.policy import KIND_LABELS, TIMING_LABELS, UNIT_LABELS, PlanFacts
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField, options


class PlanForm(Form):
    """What a plan is."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the plan a name."))])
    code = StringField(lazy("Code"), [InputRequired(lazy("Give the plan a code."))])
    kind = SelectField(lazy("Kind"), choices=options(KIND_LABELS.items()))
    download_mbps = IntegerField(lazy("Download"), [Optional()])
    upload_mbps = IntegerField(lazy("Upload"), [Optional()])
    tax_rate_id = IdField(lazy("Tax"))
    period_count = IntegerField(lazy("A period has"), [Optional()], default=1)
    period_unit = SelectField(lazy("Counted in"), choices=options(UNIT_LABELS.items()), default="month",
                              validate_choice=False)
    timing = RadioField(lazy("Billed"), choices=options(TIMING_LABELS.items()), default="advance",
                        validate_choice=False)
    trial_days = IntegerField(lazy("Free trial"), [Optional()], default=0)
    description = TextAreaField(lazy("Description"))

    def facts(self) -> PlanFacts:
        """What was entered."""
        return PlanFacts(
            code=self.code.data, name=self.name.data, kind=self.kind.data, tax_rate_id=self.tax_rate_id.data,
            download_mbps=self.download_mbps.data, upload_mbps=self.upload_mbps.data,
            description=self.description.data, period_unit=self.period_unit.data or "month",
            period_count=1 if self.period_count.data is None else self.period_count.data,
            timing=self.timing.data or "advance", trial_days=self.trial_days.data or 0,
        )


class PriceForm(Form):
    """A new price version."""

    amount = MoneyField(lazy("Price of a period"), [InputRequired(lazy("Give the price."))])
    valid_from = LocalDateField(lazy("From"), [InputRequired(lazy("Say from which day."))])


class NewPlanForm(PlanForm):
    """A plan with its first price."""

    amount = MoneyField(lazy("Price of a period"), [InputRequired(lazy("Give the price."))])
    valid_from = LocalDateField(lazy("Price from"), [InputRequired(lazy("Say from which day."))])
