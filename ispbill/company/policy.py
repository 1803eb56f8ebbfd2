"""Rules about the company's own settings: how numbers read, which colours and prefixes are allowed."""
from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

MOST_DUE_DAYS = 120
MOST_HOURS, MOST_TIMES = 240, 1000
PRORATION_LABELS = {
    "actual": lazy("By the days of the calendar: 17 of 31 days in March"),
    "fixed_30": lazy("As if every month had 30 days"),
}
FIRST_PERIOD_LABELS = {
    "stub": lazy("Billed alone, as a part of a period"),
    "merge": lazy("Billed together with the next full period"),
    "free": lazy("Not billed"),
}
TAX_ROUNDING_LABELS = {"line": lazy("On each line"), "document": lazy("Once on the document")}
TAX_POINT_LABELS = {
    "period": lazy("The days that are billed; a period in which the rate changes is taxed in two parts"),
    "issue": lazy("The day of issue"),
}
_CHOICES: dict[str, dict[str, str]] = {
    "proration": PRORATION_LABELS, "first_period": FIRST_PERIOD_LABELS, "tax_rounding": TAX_ROUNDING_LABELS,
    "tax_point": TAX_POINT_LABELS,
}
# Coarser than this no cash is.
LARGEST_CASH_STEP_MINOR = 100_000
_LONGEST = {
    "legal_name": 200, "tax_identifier": 40, "registration": 300, "address": 500, "phone": 60, "email": 254,
    "invoice_note": 1000,
    "area_level_1": 40, "area_level_2": 40, "area_level_3": 40,
    "map_tile_url": 300, "map_attribution": 200,
}
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_TILE_URL = re.compile(r"(https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?)/[A-Za-z0-9/{}._~=?&@-]*")
# What each series of numbers is for, as people name it.
SERIES_LABELS: dict[str, str] = {
    "customer": lazy("Account numbers"), "invoice": lazy("Invoices"), "receipt": lazy(
            "Receipts"), "credit_note": lazy("Credit notes"),
    "debit_note": lazy("Debit notes"), "refund": lazy("Refunds"), "proforma": lazy("Proforma invoices"),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """The seller as documents are to name it."""

    legal_name: str
    tax_identifier: str = ""
    registration: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class BillingTerms:
    """When invoices are due, whether runs issue by themselves, what invoices say, how parts of periods are billed.

    Further: where taxes are rounded, which day decides their rate, to multiples of what totals are rounded (0: not).
    A run that waits is approved by the clock after `approve_after_hours` (0: never). A bill of more than
    `most_times_usual` times what a customer's full periods cost waits for a person (0: none does). With
    `mails_invoices` whoever agreed to bills by e-mail gets theirs by itself.
    """

    due_days: int
    auto_issue: bool
    invoice_note: str
    proration: str = "actual"
    first_period: str = "stub"
    tax_rounding: str = "line"
    tax_point: str = "period"
    cash_step_minor: int = 0
    approve_after_hours: int = 0
    most_times_usual: int = 12
    mails_invoices: bool = True


@dataclass(frozen=True, slots=True)
class Wording:
    """The colour of the company and what it calls the levels of its areas, the widest first."""

    accent_colour: str
    area_level_1: str
    area_level_2: str
    area_level_3: str


@dataclass(frozen=True, slots=True)
class MapTiles:
    """Where the pictures under the network map come from, and whose they are; empty for a map without them."""

    map_tile_url: str = ""
    map_attribution: str = ""


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """Consecutive numbers of a series, taken together; index 0 is the first."""

    prefix: str
    digits: int
    first: int
    count: int

    def text(self, index: int) -> str:
        """The number at an index as documents print it, such as “INV-000042”."""
        assert 0 <= index < self.count, "an index inside the block"
        return number_text(self.prefix, self.digits, self.first + index)

    def texts(self) -> list[str]:
        """All of them, in order."""
        return [number_text(self.prefix, self.digits, self.first + index) for index in range(self.count)]


def checked_identity(identity: Identity) -> Identity:
    """The identity without outer blanks. Raises Invalid without a legal name, or for too long a value."""
    return Identity(
        legal_name=required_text(identity.legal_name, field="legal_name"),
        tax_identifier=short_text(identity.tax_identifier, field="tax_identifier"),
        registration=short_text(identity.registration, field="registration"),
        address=short_text(identity.address, field="address"),
        phone=short_text(identity.phone, field="phone"), email=short_text(identity.email, field="email"),
    )


def checked_terms(terms: BillingTerms) -> BillingTerms:
    """The terms, if their numbers lie within bounds and their choices are known. Raises Invalid."""
    bounds = (("due_days", MOST_DUE_DAYS), ("approve_after_hours", MOST_HOURS), ("most_times_usual", MOST_TIMES))
    for field, most in bounds:
        if not 0 <= getattr(terms, field) <= most:
            raise Invalid(_("Enter 0 to %(most)s.", most=f"{most:,}"), field=field)
    for field, known in _CHOICES.items():
        if getattr(terms, field) not in known:
            raise Invalid(_("Choose one of those offered."), field=field)
    if not 0 <= terms.cash_step_minor <= LARGEST_CASH_STEP_MINOR:
        raise Invalid(_("That is no coin."), field="cash_step_minor")
    return replace(terms, invoice_note=short_text(terms.invoice_note, field="invoice_note"))


def checked_wording(wording: Wording) -> Wording:
    """The wording with a valid colour and three names. Raises Invalid."""
    return Wording(
        accent_colour=accent_colour(wording.accent_colour),
        area_level_1=required_text(wording.area_level_1, field="area_level_1"),
        area_level_2=required_text(wording.area_level_2, field="area_level_2"),
        area_level_3=required_text(wording.area_level_3, field="area_level_3"),
    )


def checked_tiles(tiles: MapTiles) -> MapTiles:
    """The tiles with a usable address. Raises Invalid: it is written into the security policy of the map's page."""
    url = short_text(tiles.map_tile_url, field="map_tile_url")
    if url and not (_TILE_URL.fullmatch(url) and all(part in url for part in ("{z}", "{x}", "{y}"))):
        message = _("Write an address like https://tiles.example.com/{z}/{x}/{y}.png, with https and without {s}.")
        raise Invalid(message, field="map_tile_url")
    attribution = short_text(tiles.map_attribution, field="map_attribution")
    if url and not attribution:
        raise Invalid(_("Say whose map it is: its licence asks for that."), field="map_attribution")
    return MapTiles(url, attribution)


def tile_origin(url: str) -> str:
    """The scheme and host that a tile address leads to; empty for none."""
    found = _TILE_URL.fullmatch(url)
    return found.group(1) if found else ""


def short_text(text: str, *, field: str) -> str:
    """Text without outer blanks. Raises Invalid where it is longer than its place on a document."""
    value = text.strip()
    if len(value) > _LONGEST[field]:
        raise Invalid(_("Enter at most %(longest)s characters.", longest=_LONGEST[field]), field=field)
    return value


def required_text(text: str, *, field: str) -> str:
    """Text that may not be empty. Raises Invalid."""
    value = short_text(text, field=field)
    if not value:
        raise Invalid(_("This may not be empty."), field=field)
    return value


def number_text(prefix: str, digits: int, number: int) -> str:
    """A number of a series with its prefix and leading zeros; it outgrows its digits, never wraps."""
    return f"{prefix}{number:0{digits}d}"


def rendered_prefix(pattern: str, *, branch: str, year: int) -> str:
    """A series' pattern with its tokens filled in: “INV-{year}-” in 2026 is “INV-2026-”."""
    return pattern.replace("{branch}", branch).replace("{year}", f"{year:04d}").replace("{yy}", f"{year % 100:02d}")


def accent_colour(text: str) -> str:
    """A colour as `#rrggbb`. Raises Invalid: it is written into a style sheet, so nothing else may pass."""
    colour = text.strip().lower()
    if not _COLOUR.fullmatch(colour):
        message = _("Write the colour as # and six hexadecimal digits, such as #0f766e.")
        raise Invalid(message, field="accent_colour")
    return colour
