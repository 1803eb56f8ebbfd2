"""Reads of notes: those of a customer, the newest first."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import Edge, SortKey, earlier
from ispbill.customers.notes.models import CustomerNote

NEWEST_FIRST = SortKey((CustomerNote.created_at, CustomerNote.id), descending=True)


def listing(customer_id: int) -> AnySelect:
    """A customer's notes, for paging."""
    return select(CustomerNote.id, CustomerNote.body, CustomerNote.author, CustomerNote.created_at).where(
        CustomerNote.customer_id == customer_id
    )


def before(customer_id: int, edge: Edge | None, *, limit: int) -> Sequence[CustomerNote]:
    """The newest notes about a customer before an edge of their timeline."""
    statement = select(CustomerNote).where(CustomerNote.customer_id == customer_id)
    key = (CustomerNote.created_at, CustomerNote.id)
    return db.session.scalars(earlier(statement, key, edge, limit=limit)).all()


def get(note_id: int) -> CustomerNote | None:
    """A note."""
    return db.session.get(CustomerNote, note_id)
