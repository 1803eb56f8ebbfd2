"""The papers that messages enclose, made from the rows when a message is sent. References stand in app.py."""
from __future__ import annotations

from datetime import date

from ispbill.billing.documents import policy, queries, rendering
from ispbill.billing.documents.statements import queries as statements
from ispbill.billing.documents.statements.policy import statement_words
from ispbill.core.i18n import gettext as _
from ispbill.notifications.enclosures import Paper


def invoice(subject: str) -> Paper:
    """The paper of `invoice:7`. Raises ValueError where there is no such document."""
    words = queries.invoice_paper(int(subject))
    if words is None:
        raise ValueError(f"there is no document {subject}")
    content = rendering.pdf("invoice", policy.invoice_words(words), on=words.paper.issued_on)
    return Paper(file_name(words.paper.number), content)


def receipt(subject: str) -> Paper:
    """The paper of a payment by its id. Raises ValueError where there is no such payment."""
    words = queries.receipt_paper(int(subject))
    if words is None:
        raise ValueError(f"there is no payment {subject}")
    content = rendering.pdf("receipt", policy.receipt_words(words), on=words.paper.issued_on)
    return Paper(file_name(words.paper.number), content)


def statement(subject: str) -> Paper:
    """The paper of `statement:7:2026-01-01:2026-03-31`: a customer's account from a day to a day, both included."""
    customer_id, since, until = subject.split(":")
    last = date.fromisoformat(until)
    words = statements.statement_paper(int(customer_id), since=date.fromisoformat(since), until=last)
    if words is None:
        raise ValueError(f"there is no customer {customer_id}")
    name = _("Statement-%(account_number)s-%(until)s", account_number=words.account_number, until=until)
    return Paper(file_name(name), rendering.pdf("statement", statement_words(words), on=last))


def file_name(number: str) -> str:
    """A document's file. A series' prefix may hold a slash, which no file name can."""
    return f"{number.replace('/', '-')}.pdf"
