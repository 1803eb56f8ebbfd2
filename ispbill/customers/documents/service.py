"""Verbs of documents: add one to a customer, remove it with its file."""
from __future__ import annotations

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.documents.models import CustomerDocument
from ispbill.customers.models import Customer
from ispbill.files import service as files

LONGEST_TITLE = 100


def add(customer: Customer, *, title: str, content: bytes, file_name: str) -> CustomerDocument:
    """Keep a paper of a customer. Raises Invalid for a bad title, or a file that is too large or of another kind."""
    plain = " ".join(title.split())
    if len(plain) > LONGEST_TITLE:
        raise Invalid(_("A title has at most %(longest_title)s characters.", longest_title=LONGEST_TITLE),
                      field="title")
    stored = files.store(content, name=file_name)
    document = CustomerDocument(
        customer_id=customer.id, file_id=stored.id, title=plain or stored.name, added_by=current.actor.name,
        created_at=current.now(),
    )
    db.session.add(document)
    db.session.flush()
    return document


def remove(document: CustomerDocument) -> CustomerDocument:
    """Forget a paper and its content; the record keeps that it was there. Its file must be loaded."""
    stored = document.file
    db.session.delete(document)
    db.session.flush()
    files.remove(stored)
    return document
