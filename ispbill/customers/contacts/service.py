"""Verbs of contacts. Each leaves on the customer's row by what the contacts are found, so that one index serves."""
from __future__ import annotations

from dataclasses import asdict

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.formats import country_of
from ispbill.core.i18n import gettext as _
from ispbill.customers.contacts import queries
from ispbill.customers.contacts.models import CustomerContact
from ispbill.customers.contacts.policy import MOST_CONTACTS, ContactFacts, checked, search_words
from ispbill.customers.models import Customer


def add(customer: Customer, *, facts: ContactFacts) -> CustomerContact:
    """Note how else a customer is reached. Raises Invalid, or Conflict where they have very many contacts."""
    if len(queries.of_customer(customer.id)) >= MOST_CONTACTS:
        raise Conflict(_("A customer has at most %(most_contacts)s contacts. Remove one that is out of date.",
                         most_contacts=MOST_CONTACTS))
    contact = CustomerContact(customer_id=customer.id, **_known(facts))
    db.session.add(contact)
    db.session.flush()
    index(customer)
    return contact


def change(contact: CustomerContact, customer: Customer, *, facts: ContactFacts) -> CustomerContact:
    """Correct a contact of a customer. Raises Invalid."""
    for name, value in _known(facts).items():
        setattr(contact, name, value)
    db.session.flush()
    index(customer)
    return contact


def remove(contact: CustomerContact, customer: Customer) -> CustomerContact:
    """Forget a contact of a customer."""
    db.session.delete(contact)
    db.session.flush()
    index(customer)
    return contact


def index(customer: Customer) -> None:
    """Let the search find the customer by the contacts they have now."""
    customer.contact_text = search_words(
        ContactFacts(contact.name, contact.role, contact.phone, contact.email)
        for contact in queries.of_customer(customer.id)
    )
    db.session.flush()


def _known(facts: ContactFacts) -> dict[str, str]:
    return asdict(checked(facts, country=country_of(current.tenant.timezone)))
