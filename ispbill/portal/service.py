"""Verbs of the portal: give a customer the link to their account, make the former useless, send it."""
from __future__ import annotations

import secrets

from ispbill.audit import service as audit
from ispbill.config import site
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.models import Customer
from ispbill.notifications import service as messages
from ispbill.portal import queries
from ispbill.portal.models import PortalLink

# Nobody's mailbox is filled by a stranger who knows their account number.
_PAUSE_SECONDS = 600


def give(customer: Customer) -> PortalLink:
    """Give a customer a new link; a former one opens nothing any more."""
    withdraw(customer)
    link = PortalLink(customer_id=customer.id, token_seed=secrets.token_hex(16), given_by=current.actor.name,
                      given_at=current.now())
    db.session.add(link)
    db.session.flush()
    return link


def withdraw(customer: Customer) -> Customer:
    """Let the customer's link open nothing any more. Nothing happens where there is none."""
    link = queries.link_of(customer.id)
    if link is not None:
        db.session.delete(link)
        db.session.flush()
    return customer


def send(customer: Customer) -> PortalLink:
    """E-mail a customer their link, which they are given where they have none; once in ten minutes.

    Raises Invalid without an address.
    """
    if not customer.email:
        raise Invalid(_("No e-mail address is known of this customer."))
    link = queries.link_of(customer.id) or give(customer)
    message_id = messages.queue(
        template="account_link", recipient=customer.email,
        unique_key=f"portal:{link.id}:{int(current.now().timestamp()) // _PAUSE_SECONDS}",
        secrets={"url": address(link)}, name=customer.name, account_number=customer.account_number,
    )
    if message_id is not None:
        audit.note("sent_account_link", entity="customer", entity_id=customer.id, label=customer.account_number,
                   after={"recipient": customer.email})
    return link


def request(*, account_number: str, email: str) -> None:
    """E-mail whoever asks the link to their account, if number and address fit; nobody learns whether they do."""
    customer = queries.who_asks(account_number=account_number, email=email)
    if customer is not None:
        send(customer)


def address(link: PortalLink) -> str:
    """The whole address of an account."""
    return f"{site()}/portal/{queries.token(link)}"
