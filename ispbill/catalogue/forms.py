"""What people enter about plans and prices."""
from __future__ import annotations

from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from ispbill.catalogue.policy import KIND_LABELS, TIMING_LABELS, UNIT_LABELS, PlanFacts
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField, options


class PlanForm(Form):
    """What a plan is."""

    code = StringField("Code", [InputRequired("Give the plan a code.")])
    name = StringField("Name", [InputRequired("Give the plan a name.")])
    kind = SelectField("Kind", choices=options(KIND_LABELS.items()))
    download_mbps = IntegerField("Download", [Optional()])
    upload_mbps = IntegerField("Upload", [Optional()])
    tax_rate_id = IdField("Tax")
    period_count = IntegerField("A period has", [Optional()], default=1)
    period_unit = SelectField("Counted in", choices=options(UNIT_LABELS.items()), default="month",
                              validate_choice=False)
    timing = RadioField("Billed", choices=options(TIMING_LABELS.items()), default="advance", validate_choice=False)
    trial_days = IntegerField("Free trial", [Optional()], default=0)
    description = TextAreaField("Description")

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

    amount = MoneyField("Price of a period", [InputRequired("Give the price.")])
    valid_from = LocalDateField("From", [InputRequired("Say from which day.")])


class NewPlanForm(PlanForm):
    """A plan with its first price."""

    amount = MoneyField("Price of a period", [InputRequired("Give the price.")])
    valid_from = LocalDateField("Price from", [InputRequired("Say from which day.")])
