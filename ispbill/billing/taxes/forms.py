"""What people enter about exemptions and withholdings."""
from __future__ import annotations

from datetime import date, timedelta

from wtforms import StringField
from wtforms.validators import InputRequired

from ispbill.billing.taxes.service import ExemptionFacts
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, LocalDateField


class ExemptionForm(Form):
    """Which tax is not owed, why, and in which days."""

    tax_rate_id = IdField(lazy("Tax"))
    reason = StringField(lazy("Reason"), [InputRequired(lazy("Say why: invoices print the reason."))])
    certificate = StringField(lazy("Certificate no."))
    starts_on = LocalDateField(lazy("From"), [InputRequired(lazy("Say from which day."))])
    last_day = LocalDateField(lazy("Valid until"))

    def facts(self) -> ExemptionFacts:
        """What was entered."""
        return ExemptionFacts(
            reason=self.reason.data or "", certificate=self.certificate.data or "", starts_on=self.starts_on.data,
            ends_on=day_after(self.last_day.data), tax_rate_id=self.tax_rate_id.data,
        )


class WithholdingForm(Form):
    """Which part of the net is kept back, from which day."""

    rate_percent = StringField(lazy("Percent of the net"), [InputRequired(lazy("Give the percentage, like 2."))])
    starts_on = LocalDateField(lazy("From"), [InputRequired(lazy("Say from which day."))])
    last_day = LocalDateField(lazy("Last day"))


class EndForm(Form):
    """From which day on it counts no more."""

    on = LocalDateField(lazy("Not any more from"), [InputRequired(lazy("Say from which day."))])


def day_after(day: date | None) -> date | None:
    """The first day after a last day, as days are stored."""
    return None if day is None else day + timedelta(days=1)
