"""Each document as a PDF file, made from the rows when it is asked for; None where there is no such document."""
from __future__ import annotations

from datetime import date

from ispbill.billing.documents import policy, queries, rendering
from ispbill.billing.documents.cash import queries as cash
from ispbill.billing.documents.cash.policy import deposit_words, drawer_words
from ispbill.billing.documents.drafts import queries as drafts
from ispbill.billing.documents.drafts.policy import draft_words
from ispbill.billing.documents.proformas import queries as proformas
from ispbill.billing.documents.proformas.policy import proforma_words
from ispbill.billing.documents.rendering import Words
from ispbill.billing.documents.statements import queries as statements
from ispbill.billing.documents.statements.policy import statement_words
from ispbill.core.i18n import gettext as _
from ispbill.notifications.enclosures import Paper


def invoice(invoice_id: int) -> Paper | None:
    """An invoice or a note, as the customer gets it."""
    facts = queries.invoice_paper(invoice_id)
    if facts is None:
        return None
    return _made("invoice", policy.invoice_words(facts), facts.paper.number, on=facts.paper.issued_on)


def receipt(payment_id: int) -> Paper | None:
    """The receipt of a payment."""
    facts = queries.receipt_paper(payment_id)
    if facts is None:
        return None
    return _made("receipt", policy.receipt_words(facts), facts.paper.number, on=facts.paper.issued_on)


def load_receipt(load_id: int) -> Paper | None:
    """The receipt of a prepaid load."""
    facts = queries.load_paper(load_id)
    if facts is None:
        return None
    return _made("load", policy.load_words(facts), _("Prepaid-%(number)s", number=facts.paper.number),
                 on=facts.paper.issued_on)


def proforma(proforma_id: int) -> Paper | None:
    """A proforma invoice."""
    facts = proformas.proforma_paper(proforma_id)
    if facts is None:
        return None
    return _made("invoice", proforma_words(facts), facts.paper.number, on=facts.paper.issued_on)


def draft(draft_id: int) -> Paper | None:
    """A draft as the invoice would read today."""
    facts = drafts.draft_paper(draft_id)
    if facts is None:
        return None
    return _made("invoice", draft_words(facts), _(
        "Draft-%(account_number)s", account_number=facts.paper.account_number), on=facts.paper.issued_on)


def statement(customer_id: int, *, since: date, until: date) -> Paper | None:
    """A customer's account from a day to a day, both included."""
    facts = statements.statement_paper(customer_id, since=since, until=until)
    if facts is None:
        return None
    return _made("statement", statement_words(facts), _(
        "Statement-%(account_number)s-%(until)s", account_number=facts.account_number, until=until), on=until)


def drawer(session_id: int) -> Paper | None:
    """The sheet of a counted drawer, to be signed by who hands it over and who takes it."""
    facts = cash.drawer_paper(session_id)
    if facts is None:
        return None
    return _made("cash", drawer_words(facts), _("Turn-over-%(number)s", number=facts.number),
                 on=facts.counted_at.date())


def deposit(deposit_id: int) -> Paper | None:
    """The slip of a deposit at the bank."""
    facts = cash.deposit_paper(deposit_id)
    if facts is None:
        return None
    return _made("cash", deposit_words(facts), _("Deposit-%(reference)s", reference=facts.reference),
                 on=facts.deposited_on)


def file_name(title: str) -> str:
    """A document's file. A series' prefix may hold a slash, which no file name can."""
    return f"{title.replace('/', '-')}.pdf"


def _made(template: str, words: Words, title: str, *, on: date) -> Paper:
    return Paper(file_name(title), rendering.pdf(template, words, on=on))
