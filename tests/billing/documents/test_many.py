"""Many documents at once, as they are sent after a run: read in a constant number of statements."""
from __future__ import annotations

import pytest

from ispbill.billing.documents import queries
from ispbill.core.unit_of_work import unit_of_work
from tests.make import bills, corrections


@pytest.mark.usefixtures("tenant")
def test_the_words_of_many_invoices_cost_as_many_statements_as_those_of_one() -> None:
    paid, open_, credited = (bills.billed(price_minor=112_000) for _ in range(3))
    bills.paid(paid.customer_id, 50_000)
    note = corrections.credited(credited.id)
    keys = [paid.id, open_.id, credited.id, note.id]
    with unit_of_work(), bills.statements() as alone:
        each = [queries.invoice_paper(key) for key in keys[2:]]
    with unit_of_work(), bills.statements() as together:
        many = queries.invoice_papers(keys[2:])
    assert many == each and len(together) < len(alone)
    with unit_of_work(), bills.statements() as more:
        assert [paper.paper.number for paper in queries.invoice_papers(keys)] == [
            paid.number, open_.number, credited.number, note.number]
    assert len(more) == len(together)
