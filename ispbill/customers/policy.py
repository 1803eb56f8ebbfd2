"""Rules about customers: which status may follow which, and how contacts are written.

Plain values in and out.
"""
from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.places import coordinates
from ispbill.core.text import folded
from ispbill.customers.custom_fields.policy import Definition, checked_values

KINDS = ("person", "company")
# The layout of customers in a file, both ways (docs/imports.md).
FILE_COLUMNS = (
    "account_number", "name", "kind", "email", "phone", "tax_identifier", "area", "street", "landmark",
    "latitude", "longitude", "location_accuracy", "status", "e_billing_since", "external_reference", "notes",
)
# Written beside them and not read: which labels there are is the company's, not a file's.
LABELS_COLUMN = "labels"
# How well a place on the map is known: by satellite at the door, about there, or looked up from the address.
ACCURACIES = ("exact", "approximate", "address")
LONGEST = {"name": 200, "street": 300, "landmark": 200, "tax_identifier": 50, "phone": 50, "notes": 5000,
           "external_reference": 100}
_MOST_WORDS, _FEWEST_DIGITS = 6, 3
_JOINED_NUMBER = re.compile(r"([^\W\d_]+)(\d{3,})")
_SPOKEN_NUMBER = re.compile(r"[+(\d][\d\s().-]{3,}")
# Which status may follow which; a lead that comes to nothing is terminated, and who left may come back.
_MOVES: dict[str, tuple[str, ...]] = {
    "lead": ("active", "terminated"),
    "active": ("suspended", "terminated"),
    "suspended": ("active", "terminated"),
    "terminated": ("active",),
}


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What is known of a customer besides number and status."""

    name: str
    kind: str = "person"
    email: str = ""
    phone: str = ""
    tax_identifier: str = ""
    area_id: int | None = None
    street: str = ""
    landmark: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    location_accuracy: str | None = None
    notes: str = ""
    e_billing_since: date | None = None
    external_reference: str | None = None
    custom_values: Mapping[str, str] = field(default_factory=dict)


def checked(
    facts: CustomerFacts, *, country: str | None, fields: Collection[Definition] = ()
) -> CustomerFacts:
    """The facts as they are stored, with the values of the company's own `fields`.

    Raises Invalid, naming the field, for a value that breaks a rule.
    """
    for column, most in LONGEST.items():
        if len(getattr(facts, column) or "") > most:
            raise Invalid(_("This has at most %(most)s characters.", most=most), field=column)
    name = " ".join(facts.name.split())
    if not name:
        raise Invalid(_("Give the customer a name."), field="name")
    if facts.kind not in KINDS:
        raise Invalid(_("A customer is a person or a company."), field="kind")
    latitude, longitude = coordinates(facts.latitude, facts.longitude)
    return replace(
        facts, name=name, email=email_address(facts.email), phone=phone_number(facts.phone, country=country),
        latitude=latitude, longitude=longitude, external_reference=facts.external_reference or None,
        location_accuracy=_accuracy(facts.location_accuracy, is_located=latitude is not None),
        custom_values=checked_values(facts.custom_values, fields),
    )


def _accuracy(accuracy: str | None, *, is_located: bool) -> str | None:
    if accuracy and accuracy not in ACCURACIES:
        raise Invalid(_("Say how well the place is known: %(accuracies)s.", accuracies=", ".join(ACCURACIES)),
                      field="location_accuracy")
    return accuracy or None if is_located else None


def email_address(text: str) -> str:
    """An address with its domain in lower case; empty stays empty. Raises Invalid for what is no address."""
    if not text.strip():
        return ""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid(_("“%(text)s” is not an e-mail address.", text=text), field="email") from None


def phone_number(text: str, *, country: str | None) -> str:
    """“+639171234567” where the number is valid in the country or has a country code; else as typed."""
    typed = " ".join(text.split())
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return typed
    if not phonenumbers.is_valid_number(number) or number.extension:
        return typed
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check_move(before: str, after: str) -> None:
    """Raises Conflict unless a customer of status `before` may become `after`."""
    if after not in _MOVES[before]:
        raise Conflict(_("A customer who is %(before)s cannot become %(after)s.", before=before, after=after))


def spoken_digits(term: str) -> str | None:
    """The digits to look for where the term is a telephone number, without the trunk zero; else None."""
    if not _SPOKEN_NUMBER.fullmatch(term.strip()):
        return None
    digits = re.sub(r"\D", "", term).lstrip("0")
    return digits if len(digits) >= 4 else None


def spoken_words(term: str) -> list[str]:
    """The words to look for, each anywhere: folded, a number without its trunk zero (“maria 0917”).

    Letters and the number that follows them are two: “ac000299” is said of AC-000299.
    """
    words = [part for word in folded(term).split() for part in _parted(word)]
    return [_without_zeros(word) for word in words[:_MOST_WORDS]]


def _parted(word: str) -> tuple[str, ...]:
    joined = _JOINED_NUMBER.fullmatch(word)
    return joined.groups() if joined else (word,)


def _without_zeros(word: str) -> str:
    number = word.strip("().-")
    digits = number.lstrip("0")
    return digits if number.isdecimal() and len(digits) >= _FEWEST_DIGITS else word
