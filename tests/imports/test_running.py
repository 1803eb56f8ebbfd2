"""What a run costs: a chunk takes as many statements however many lines it has, where companies bring in thousands."""
from __future__ import annotations

import pytest

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.imports import jobs
from ispbill.imports import service as imports
from ispbill.jobs.queue import delivering_to
from tests.make import offers
from tests.make.bills import statements
from tests.make.uploads import brought_in, uploaded


@pytest.mark.parametrize(("kind", "head", "line"), [
    ("routers", "brand,model,serial_number", "X,Y,SN-{0}"),
    ("naps", "code,lcp,splitter,splitter_outputs", "{0},L,S,64"),
    ("customers", "account_number,name,plan_code", "N-{0},Ana,P"),
    ("subscriptions", "account_number,plan_code,reference", "{0},P,{0}"),
    ("opening_balances", "account_number,amount", "{0},5"),
])
def test_a_chunk_takes_as_many_statements_however_many_lines_it_brings_in(
    tenant: TenantRef, kind: str, head: str, line: str
) -> None:
    with unit_of_work():
        offers.plan(149_900, code="P")
    brought_in("lcps", "code,name\nL,Lcp\n")
    brought_in("naps", "code,lcp,splitter,splitter_outputs\nN,L,S,64\n")
    leads = "".join(f"{rows}-{number},Ana\n" for rows in (3, 40) for number in range(rows))
    brought_in("customers", "account_number,name\n" + leads)
    counts = []
    for rows in (3, 40):
        lines = [line.format(f"{rows}-{number}") for number in range(rows)]
        batch_id = uploaded(kind, "\n".join([head, *lines, ""]))
        with delivering_to(lambda *nudge: None):
            with unit_of_work():
                imports.run(batch_id)
            with statements() as sent, unit_of_work():
                jobs.work(batch_id, 0)
        counts.append(len(sent))
    assert counts[0] == counts[1], counts
