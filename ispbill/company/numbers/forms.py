"""Input of a number series."""
from __future__ import annotations

from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, Optional

from ispbill.company.models import NumberSeries
from ispbill.company.numbers.policy import SeriesFacts
from ispbill.web.forms import Form


class SeriesForm(Form):
    """How a series numbers from now on."""

    pattern = StringField("Begins with", [InputRequired("Enter what numbers begin with."), Length(max=40)],
                          description="{branch}, {year} and {yy} are filled in, such as in INV-{year}-")
    branch = StringField("Branch code", [Length(max=12)], description="For {branch}")
    digits = IntegerField("Digits", [InputRequired("Enter how many digits.")], description="Filled up with zeros")
    resets_yearly = BooleanField("Begin with 1 each year")
    first_number = IntegerField("First number", [Optional()], description="Only before the first one is taken")
    range_end = IntegerField("Last number", [Optional()],
                             description="Where the tax office gave you a range; empty: no end")
    warn_below = IntegerField("Warn when fewer are left than", [Optional()])

    @property
    def facts(self) -> SeriesFacts:
        """What was entered."""
        values = self.values()
        return SeriesFacts(**{**values, "warn_below": values["warn_below"] or 0})

    @classmethod
    def of(cls, series: NumberSeries) -> SeriesForm:
        """The form with what a series does now."""
        return cls(data={
            "pattern": series.prefix, "branch": series.branch, "digits": series.digits,
            "resets_yearly": series.resets_yearly, "first_number": series.next_number if series.is_unused else None,
            "range_end": series.range_end, "warn_below": series.warn_below,
        })
