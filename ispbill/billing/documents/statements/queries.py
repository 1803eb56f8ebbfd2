"""Reads everything that a statement of account prints."""
from __future__ import annotations

from datetime import date

from ispbill.billing.documents.queries import buyer_party, seller_party
from ispbill.billing.documents.statements.policy import StatementPaper
from ispbill.billing.statements import queries as statements
from ispbill.company import queries as company
from ispbill.company import service as companies
from ispbill.core.current import current
from ispbill.customers import queries as customers


def statement_paper(customer_id: int, *, since: date, until: date) -> StatementPaper | None:
    """What a customer's statement says from one day to another, both included."""
    customer = customers.get(customer_id)
    if customer is None:
        return None
    settings = company.settings()
    return StatementPaper(
        statements.statement(customer_id, since=since, until=until), seller_party(companies.identity()),
        buyer_party(customer), customer.account_number, current.tenant.currency, settings.accent_colour,
        settings.invoice_note,
    )
