"""The verb of notes: write one."""
from __future__ import annotations

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.models import Customer
from ispbill.customers.notes.models import CustomerNote

LONGEST_NOTE = 5000


def write(customer: Customer, *, body: str) -> CustomerNote:
    """Note something about a customer, under the name of who acts. Raises Invalid for nothing, or for too much."""
    text = body.strip()
    if not 0 < len(text) <= LONGEST_NOTE:
        raise Invalid(_("Write something, in at most %(longest_note)s characters.", longest_note=LONGEST_NOTE),
                      field="body")
    note = CustomerNote(customer_id=customer.id, body=text, author=current.actor.name, created_at=current.now())
    db.session.add(note)
    db.session.flush()
    return note
