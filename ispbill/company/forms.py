"""Input of the company's settings, one form for each card of the page."""
from __future__ import annotations

from wtforms import (
    BooleanField,
    ColorField,
    EmailField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
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
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, MoneyField, options


class IdentityForm(Form):
    """The seller as documents name it."""

    legal_name = StringField(lazy("Legal name"), [InputRequired(lazy("Enter the legal name.")), Length(max=200)])
    tax_identifier = StringField(lazy("Tax number (TIN)"), [Length(max=40)])
    registration = TextAreaField(
        lazy("Registration"), [Length(max=300)], render_kw={"rows": 2},
        description=lazy("Printed below the tax number: “VAT registered”, the permit of your invoices with its series"))
    address = TextAreaField(lazy("Address"), [Length(max=500)], render_kw={"rows": 3})
    phone = TelField(lazy("Phone"), [Length(max=60)])
    email = EmailField(lazy("E-mail address"), [Optional(), Email(lazy("Enter an e-mail address.")), Length(max=254)])

    @property
    def identity(self) -> Identity:
        """What was entered."""
        return Identity(**self.values())


class TermsForm(Form):
    """How invoices are issued."""

    due_days = IntegerField(lazy("Days until an invoice is due"), [
        InputRequired(lazy("Enter a number of days.")),
        NumberRange(0, MOST_DUE_DAYS, lazy("Enter 0 to %(most_due_days)s days.", most_due_days=MOST_DUE_DAYS)),
    ])
    auto_issue = BooleanField(lazy("Issue invoices without asking"),
                              description=lazy("Otherwise a billing run waits until somebody approves it."))
    mails_invoices = BooleanField(lazy("E-mail bills by themselves"), default=True,
                                  description=lazy("With the PDF file, to customers who agreed to bills by e-mail."))
    approve_after_hours = IntegerField(lazy("Hours after which a run that waits is approved by itself"), [
        InputRequired(lazy("Enter a number of hours; 0 for never.")),
        NumberRange(0, MOST_HOURS, lazy("Enter 0 to %(most_hours)s hours.", most_hours=MOST_HOURS)),
    ], description=lazy("0: only a person approves it. A run can be held."))
    most_times_usual = IntegerField(lazy("A bill waits for a person when it is this many times the usual amount"), [
        InputRequired(lazy("Enter a number; 0 for never.")), NumberRange(0, MOST_TIMES, lazy(
                "Enter 0 to %(most_times)s.", most_times=f"{MOST_TIMES:,}")),
    ], description=lazy("The usual amount is what the customer's full periods cost. 0: no bill waits."))
    proration = RadioField(lazy("A part of a period is counted"), choices=options(PRORATION_LABELS.items()))
    first_period = RadioField(lazy("A first period shorter than a full one is"),
                              choices=options(FIRST_PERIOD_LABELS.items()))
    tax_rounding = RadioField(lazy("Taxes are rounded"), choices=options(TAX_ROUNDING_LABELS.items()))
    tax_point = RadioField(lazy("Which rate of a tax applies is decided by"), choices=options(TAX_POINT_LABELS.items()))
    cash_step_minor = MoneyField(lazy("Smallest amount of cash"),
                                 description=lazy("Totals are rounded to it, where given"))
    invoice_note = TextAreaField(lazy("Note on every invoice"), [Length(max=1000)], render_kw={"rows": 4},
                                 description=lazy("Such as how to pay"))

    @property
    def terms(self) -> BillingTerms:
        """What was entered."""
        return BillingTerms(**self.values() | {"cash_step_minor": self.cash_step_minor.data or 0})


class WordingForm(Form):
    """Colour and names."""

    accent_colour = ColorField(lazy("Colour"), description=lazy("Of links and buttons, for everybody here"))
    area_level_1 = StringField(lazy("Widest level of areas"), [InputRequired(lazy("Enter a name.")), Length(max=40)])
    area_level_2 = StringField(lazy("Middle level"), [InputRequired(lazy("Enter a name.")), Length(max=40)])
    area_level_3 = StringField(lazy("Closest level"), [InputRequired(lazy("Enter a name.")), Length(max=40)])

    @property
    def wording(self) -> Wording:
        """What was entered."""
        return Wording(**self.values())


class LanguageForm(Form):
    """The language, and how dates and amounts are written."""

    locale = SelectField(lazy("Language"), description=lazy(
        "For everybody here, and for what is sent. Where words are not translated yet, they stay English."))


class MapForm(Form):
    """What lies under the network map."""

    map_tile_url = StringField(lazy("Address of the tiles"), [Length(max=300)],
                               description=lazy("Empty for a map without pictures. {z}, {x} and {y} are filled in."))
    map_attribution = StringField(lazy("Whose map it is"), [Length(max=200)],
                                  description=lazy("Shown in the corner of the map, such as © OpenStreetMap "
                                                   "contributors"))

    @property
    def tiles(self) -> MapTiles:
        """What was entered."""
        return MapTiles(**self.values())
