"""Rules of contacts: what must be known of one, and what a caller may say to be found by it. Pure."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.policy import LONGEST, email_address, phone_number

MOST_CONTACTS = 20


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """Who is reached how, about what."""

    name: str
    role: str
    phone: str = ""
    email: str = ""


def checked(facts: ContactFacts, *, country: str | None) -> ContactFacts:
    """The facts as they are stored. Raises Invalid, naming the field."""
    for field in ("name", "phone"):
        if len(getattr(facts, field)) > LONGEST[field]:
            raise Invalid(_("This has at most %(longest)s characters.", longest=LONGEST[field]), field=field)
    name = " ".join(facts.name.split())
    if not name:
        raise Invalid(_("Say who that is."), field="name")
    known = replace(facts, name=name, phone=phone_number(facts.phone, country=country),
                    email=email_address(facts.email))
    if not (known.phone or known.email):
        raise Invalid(_("Give a phone or an e-mail address."), field="phone")
    return known


def search_words(contacts: Iterable[ContactFacts]) -> str:
    """By what the contacts of a customer are found."""
    return " ".join(part for contact in contacts for part in (contact.name, contact.phone, contact.email) if part)
