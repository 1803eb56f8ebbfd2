"""Traces as both faces show them: of a line on a document, of a suspension."""
from __future__ import annotations

from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.models import CollectionCutoff
from ispbill.billing.invoices.models import InvoiceLine
from ispbill.billing.why.lines import policy as line_rules
from ispbill.billing.why.lines import queries as lines
from ispbill.billing.why.policy import Manner, Step
from ispbill.billing.why.suspensions import policy as suspension_rules
from ispbill.billing.why.suspensions import queries as suspensions
from ispbill.core.current import current
from ispbill.customers.models import Customer


def of_line(row: InvoiceLine) -> list[Step]:
    """Why a line of a document is what it is."""
    return line_rules.trace(lines.facts(row), _manner())


def of_suspension(cut: CollectionCutoff) -> list[Step]:
    """Why collections cut a customer off, and what ended it."""
    return suspension_rules.trace(suspensions.facts(cut), _manner())


def of_customer(customer: Customer) -> list[Step] | None:
    """Why a customer is suspended now, whoever did it; None where they are not."""
    cut = collections.open_cutoff(customer.id)
    if cut is not None:
        return of_suspension(cut)
    known = suspensions.by_person(customer)
    return suspension_rules.trace_of_person(known, _manner()) if known else None


def _manner() -> Manner:
    return Manner(current.tenant.currency, current.tenant.zone)
