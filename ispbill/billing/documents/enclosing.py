"""The papers that messages enclose, made from the rows when a message is sent. References stand in app.py."""
from __future__ import annotations

from datetime import date

from ispbill.billing.documents import papers
from ispbill.notifications.enclosures import Paper


def invoice(subject: str) -> Paper:
    """The paper of `invoice:7`. Raises ValueError where there is no such document."""
    paper = papers.invoice(int(subject))
    if paper is None:
        raise ValueError(f"there is no document {subject}")
    return paper


def statement(subject: str) -> Paper:
    """The paper of `statement:7:2026-01-01:2026-03-31`: a customer's account from a day to a day, both included."""
    customer_id, since, until = subject.split(":")
    paper = papers.statement(int(customer_id), since=date.fromisoformat(since), until=date.fromisoformat(until))
    if paper is None:
        raise ValueError(f"there is no customer {customer_id}")
    return paper
