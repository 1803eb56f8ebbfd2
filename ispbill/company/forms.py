"""Input of the company's settings, one form for each card of the page."""
from __future__ import annotations

from wtforms import BooleanField, ColorField, EmailField, IntegerField, RadioField, StringField, TelField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional

from ispbill.company.policy import (
    FIRST_PERIOD_LABELS,
    MOST_DUE_DAYS,
    MOST_HOURS,
    MOST_TIMES,
    PRORATION_LABELS,
    TAX_POINT_LABELS,
    TAX_ROUNDING_LABELS,
    BillingTerms,
    Identity,
    MapTiles,
    Wording,
)
from ispbill.web.forms import Form, MoneyField, options


class IdentityForm(Form):
    """The seller as documents name it."""

    legal_name = StringField("Legal name", [InputRequired("Enter the legal name."), Length(max=200)])
    tax_identifier = StringField("Tax number (TIN)", [Length(max=40)])
    address = TextAreaField("Address", [Length(max=500)], render_kw={"rows": 3})
    phone = TelField("Telephone", [Length(max=60)])
    email = EmailField("E-mail address", [Optional(), Email("Enter an e-mail address."), Length(max=254)])

    @property
    def identity(self) -> Identity:
        """What was entered."""
        return Identity(**self.values())


class TermsForm(Form):
    """How invoices are issued."""

    due_days = IntegerField("Days until an invoice is due", [
        InputRequired("Enter a number of days."),
        NumberRange(0, MOST_DUE_DAYS, f"Enter 0 to {MOST_DUE_DAYS} days."),
    ])
    auto_issue = BooleanField("Issue invoices without asking",
                              description="Otherwise a billing run waits until somebody approves it.")
    approve_after_hours = IntegerField("Hours after which a run that waits is approved by itself", [
        InputRequired("Enter a number of hours; 0 for never."),
        NumberRange(0, MOST_HOURS, f"Enter 0 to {MOST_HOURS} hours."),
    ], description="0: only a person approves it. A run can be held.")
    most_times_usual = IntegerField("A bill waits for a person when it is this many times the usual amount", [
        InputRequired("Enter a number; 0 for never."), NumberRange(0, MOST_TIMES, f"Enter 0 to {MOST_TIMES:,}."),
    ], description="The usual amount is what the customer's full periods cost. 0: no bill waits.")
    proration = RadioField("A part of a period is counted", choices=options(PRORATION_LABELS.items()))
    first_period = RadioField("A first period shorter than a full one is", choices=options(FIRST_PERIOD_LABELS.items()))
    tax_rounding = RadioField("Taxes are rounded", choices=options(TAX_ROUNDING_LABELS.items()))
    tax_point = RadioField("Which rate of a tax applies is decided by", choices=options(TAX_POINT_LABELS.items()))
    cash_step_minor = MoneyField("Smallest amount of cash", description="Totals are rounded to it, where given")
    invoice_note = TextAreaField("Note on every invoice", [Length(max=1000)], render_kw={"rows": 4},
                                 description="Such as how to pay")

    @property
    def terms(self) -> BillingTerms:
        """What was entered."""
        return BillingTerms(**self.values() | {"cash_step_minor": self.cash_step_minor.data or 0})


class WordingForm(Form):
    """Colour and names."""

    accent_colour = ColorField("Colour", description="Of links and buttons, for everybody here")
    area_level_1 = StringField("Widest level of areas", [InputRequired("Enter a name."), Length(max=40)])
    area_level_2 = StringField("Middle level", [InputRequired("Enter a name."), Length(max=40)])
    area_level_3 = StringField("Closest level", [InputRequired("Enter a name."), Length(max=40)])

    @property
    def wording(self) -> Wording:
        """What was entered."""
        return Wording(**self.values())


class MapForm(Form):
    """What lies under the network map."""

    map_tile_url = StringField("Address of the tiles", [Length(max=300)],
                               description="Empty for a map without pictures. {z}, {x} and {y} are filled in.")
    map_attribution = StringField("Whose map it is", [Length(max=200)],
                                  description="Shown in the corner of the map, such as © OpenStreetMap contributors")

    @property
    def tiles(self) -> MapTiles:
        """What was entered."""
        return MapTiles(**self.values())
