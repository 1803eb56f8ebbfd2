"""Input of a number series."""
from __future__ import annotations

from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, Optional

from ispbill.company.models import NumberSeries
from ispbill.company.numbers.policy import SeriesFacts
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class SeriesForm(Form):
    """How a series numbers from now on."""

    pattern = StringField(lazy("Begins with"), [InputRequired(lazy("Enter what numbers begin with.")), Length(max=40)],
                          description=lazy("{branch}, {year} and {yy} are filled in, such as in INV-{year}-"))
    branch = StringField(lazy("Branch code"), [Length(max=12)], description=lazy("For {branch}"))
    digits = IntegerField(lazy("Digits"), [InputRequired(lazy("Enter how many digits."))],
                          description=lazy("Filled up with zeros"))
    resets_yearly = BooleanField(lazy("Begin with 1 each year"))
    first_number = IntegerField(lazy("First number"), [Optional()],
                                description=lazy("Only before the first one is taken"))
    range_end = IntegerField(lazy("Last number"), [Optional()],
                             description=lazy("Where the tax office gave you a range; empty: no end"))
    warn_below = IntegerField(lazy("Warn when fewer are left than"), [Optional()])

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
