"""What people enter about plans and prices."""
from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from ispbill.catalogue.policy import KIND_LABELS, PlanFacts
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField, options


class PlanForm(Form):
    """What a plan is."""

    code = StringField("Code", [InputRequired("Give the plan a code.")])
    name = StringField("Name", [InputRequired("Give the plan a name.")])
    kind = SelectField("Kind", choices=options(KIND_LABELS.items()))
    download_mbps = IntegerField("Download", [Optional()])
    upload_mbps = IntegerField("Upload", [Optional()])
    tax_rate_id = IdField("Tax")
    description = TextAreaField("Description")

    def facts(self) -> PlanFacts:
        """What was entered."""
        return PlanFacts(
            code=self.code.data, name=self.name.data, kind=self.kind.data, tax_rate_id=self.tax_rate_id.data,
            download_mbps=self.download_mbps.data, upload_mbps=self.upload_mbps.data,
            description=self.description.data,
        )


class PriceForm(Form):
    """A new price version."""

    amount = MoneyField("Monthly price", [InputRequired("Give the monthly price.")])
    valid_from = LocalDateField("From", [InputRequired("Say from which day.")])


class NewPlanForm(PlanForm):
    """A plan with its first price."""

    amount = MoneyField("Monthly price", [InputRequired("Give the monthly price.")])
    valid_from = LocalDateField("Price from", [InputRequired("Say from which day.")])
