"""Reads of documents: those of a customer, one with its file."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ispbill.core.db import db
from ispbill.core.pagination import Edge, earlier
from ispbill.customers.documents.models import CustomerDocument


def of_customer(customer_id: int) -> Sequence[CustomerDocument]:
    """A customer's papers with their files, the newest first; no content is read."""
    return db.session.scalars(
        select(CustomerDocument).where(CustomerDocument.customer_id == customer_id)
        .options(joinedload(CustomerDocument.file)).order_by(CustomerDocument.id.desc())
    ).all()


def before(customer_id: int, edge: Edge | None, *, limit: int) -> Sequence[CustomerDocument]:
    """The newest papers of a customer before an edge of their timeline."""
    statement = select(CustomerDocument).where(CustomerDocument.customer_id == customer_id)
    key = (CustomerDocument.created_at, CustomerDocument.id)
    return db.session.scalars(earlier(statement, key, edge, limit=limit)).all()


def get(document_id: int) -> CustomerDocument | None:
    """A paper with its file, without the content."""
    return db.session.scalars(
        select(CustomerDocument).where(CustomerDocument.id == document_id)
        .options(joinedload(CustomerDocument.file))
    ).one_or_none()
