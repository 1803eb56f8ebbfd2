"""Reads everything that a statement of account prints."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ispbill.billing.documents.queries import buyer_party, seller_party
from ispbill.billing.documents.statements.policy import StatementPaper
from ispbill.billing.statements import queries as statements
from ispbill.company import queries as company
from ispbill.company import service as companies
from ispbill.company.logo import queries as logo
from ispbill.core.current import current
from ispbill.customers import queries as customers


def statement_paper(customer_id: int, *, since: date, until: date) -> StatementPaper | None:
    """What a customer's statement says from one day to another, both included."""
    return next(iter(statement_papers([customer_id], since=since, until=until)), None)


def statement_papers(customer_ids: Sequence[int], *, since: date, until: date) -> list[StatementPaper]:
    """The same of many customers, in the order of the ids; who does not exist is left out."""
    seller, settings, shown = seller_party(companies.identity()), company.settings(), logo.on_papers()
    known = customers.by_ids(customer_ids)
    return [
        StatementPaper(
            statements.statement(customer_id, since=since, until=until), seller, buyer_party(known[customer_id]),
            known[customer_id].account_number, current.tenant.currency, settings.accent_colour, settings.invoice_note,
            shown,
        ) for customer_id in customer_ids if customer_id in known
    ]
