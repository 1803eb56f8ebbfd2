"""Looking at a file: by workers, part by part, resumed where it stopped; nothing is written but what was found."""
from __future__ import annotations

from typing import Any

import pytest

from ispbill.core.current import TenantRef
from ispbill.core.notations import PLAIN, Notation
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customers
from ispbill.customers.custom_fields import service as custom_fields
from ispbill.customers.custom_fields.policy import Definition
from ispbill.customers.queries import CustomerFilter
from ispbill.imports import jobs, kinds, queries
from ispbill.imports import service as imports
from ispbill.imports.looking import service as looking
from ispbill.imports.models import ImportBatch, ImportStatus
from ispbill.jobs.queue import delivering_to
from tests.make import offers
from tests.make.bills import jobs_done, statements
from tests.make.uploads import brought_in, looked_at, uploaded

FIVE = "account_number,name,email\nX-1,Ana,\nX-2,Ben,\nX-3,Cleo,nothing\nX-4,Dan,\nx-1,Eve,\n"


def waiting(kind: str, content: str, notation: Notation = PLAIN) -> int:
    """A file whose columns were said, and that no worker has looked at yet; the batch's id."""
    with delivering_to(lambda *nudge: None), unit_of_work():
        batch = imports.receive(kinds.named(kind), content=content.encode(), file_name="a.csv", day=None)
        imports.say_columns(batch, mapping=batch.mapping or {}, notation=notation)
        return batch.id


def batch_of(batch_id: int) -> ImportBatch:
    with unit_of_work():
        batch = queries.get(batch_id)
        assert batch is not None
        return batch


def look(batch_id: int) -> None:
    """One job of a worker."""
    with delivering_to(lambda *nudge: None), unit_of_work():
        jobs.work(batch_id, 0)


def test_a_file_is_looked_at_part_by_part_and_errors_are_found_across_parts(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "LOOK_ROWS", 2)
    batch_id = waiting("customers", FIVE)
    assert batch_of(batch_id).is_working
    seen = []
    while batch_of(batch_id).is_working:
        look(batch_id)
        seen.append((batch_of(batch_id).looked_count, batch_of(batch_id).row_count))
    assert seen == [(0, 5), (2, 5), (4, 5), (5, 5), (5, 5)]
    with unit_of_work():
        found = [(error.line, error.column, error.problem) for error in queries.errors_of(batch_id)]
        assert customers.count(CustomerFilter()) == 0
    assert found == [(4, "email", "“nothing” is not an e-mail address."),
                     (6, "account_number", "This stands in line 2 already.")]


def test_a_look_that_the_queue_lost_goes_on_where_it_was_and_counts_nothing_twice(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "LOOK_ROWS", 2)
    batch_id = waiting("customers", FIVE.replace("nothing", "").replace("x-1", "x-5"))
    look(batch_id)
    look(batch_id)
    with jobs_done(), unit_of_work():
        jobs.resume()
    look(batch_id)
    batch = batch_of(batch_id)
    assert batch.report is not None and batch.status == ImportStatus.CHECKED
    assert (batch.report["created"], batch.report["totals"][0]["value"], batch.report["error_count"]) == (5, 5, 0)
    with jobs_done(), unit_of_work():
        imports.run(batch_id)
    assert batch_of(batch_id).created_count == 5


def test_columns_said_anew_are_looked_at_anew(tenant: TenantRef) -> None:
    batch_id = uploaded("customers", "name,alias,email\nAna,Annie,wrong\n")
    with jobs_done(), unit_of_work():
        batch = queries.held(batch_id, ImportStatus.CHECKED)
        assert batch is not None and batch.report is not None and batch.report["error_count"] == 1
        imports.say_columns(batch, mapping={"name": "alias"}, notation=PLAIN)
    batch = batch_of(batch_id)
    assert batch.report is not None and (batch.report["error_count"], batch.report["created"]) == (0, 1)


@pytest.mark.parametrize(("kind", "line"), [
    ("areas", "Cavite,Town {0}"), ("plans", "P-{0},Plan,10"), ("lcps", "L-{0},Lcp,"), ("naps", "N-{0},LCP,S1"),
    ("routers", "X,Y,SN-{0}"), ("customers", "N-{0},Ana,P"), ("subscriptions", "A-{0},P,SUB-{0}"),
    ("opening_balances", "A-{0},,5"),
])
def test_a_part_takes_as_many_statements_however_many_lines_it_has(tenant: TenantRef, kind: str, line: str) -> None:
    with unit_of_work():
        offers.plan(149_900, code="P")
    brought_in("customers", "account_number,name\n" + "".join(f"A-{number},Ana\n" for number in range(40)))
    heads = {
        "areas": "region,city", "plans": "code,name,price", "lcps": "code,name,area", "naps": "code,lcp,splitter",
        "routers": "brand,model,serial_number", "customers": "account_number,name,plan_code",
        "subscriptions": "account_number,plan_code,reference",
        "opening_balances": "account_number,external_reference,amount",
    }
    counts = []
    for rows in (3, 40):
        lines = "\n".join([heads[kind], *(line.format(number) for number in range(rows)), ""])
        batch_id = waiting(kind, lines)
        look(batch_id)
        with statements() as sent:
            look(batch_id)
        counts.append(len(sent))
    assert counts[0] == counts[1], counts


def test_one_column_stands_for_two_of_ours(tenant: TenantRef) -> None:
    mapping = {"name": "Client", "notes": "Client", "street": "Address", "landmark": "Address"}
    batch_id = uploaded("customers", "Client,Address\nAna,12 Mabini St\n", mapping=mapping)
    with jobs_done(), unit_of_work():
        imports.run(batch_id)
    with unit_of_work():
        (found,) = customers.search("Ana", limit=1)
        ana = customers.get(found.id)
        assert ana is not None and (ana.name, ana.notes, ana.street, ana.landmark) == (
            "Ana", "Ana", "12 Mabini St", "12 Mabini St")


@pytest.mark.parametrize(("dates", "days", "problems"), [
    ("dmy", ["31/03/2026", "1.4.26", "2026-04-02"], []),
    ("mdy", ["03/31/2026", "4/1/26", "2026-04-02"], []),
    ("mdy", ["03/31/2026", "31/03/2026"], [(3, "Since", "31/03/2026", "A date like 03/31/2026.")]),
    ("ymd", ["2026-03-31", "31/03/2026"], [(3, "Since", "31/03/2026", "A date like 2026-03-31.")]),
])
def test_dates_are_read_in_the_order_said_for_the_file_and_no_other(
    tenant: TenantRef, dates: str, days: list[str], problems: list[Any]
) -> None:
    rows = "".join(f"Customer {number},{day}\n" for number, day in enumerate(days))
    mapping = {"name": "Name", "e_billing_since": "Since"}
    with jobs_done(), unit_of_work():
        batch = imports.receive(kinds.named("customers"), content=f"Name,Since\n{rows}".encode(), file_name="a.csv",
                                day=None)
        imports.say_columns(batch, mapping=mapping, notation=Notation(dates=dates))
        batch_id = batch.id
    with unit_of_work():
        errors = [(error.line, error.column, error.value, error.hint) for error in queries.errors_of(batch_id)]
    assert errors == problems


def test_how_a_file_writes_values_is_told_by_its_cells_else_remembered_else_usual(tenant: TenantRef) -> None:
    def guessed(content: str) -> tuple[Notation, str]:
        with unit_of_work():
            batch = imports.receive(kinds.named("subscriptions"), content=content.encode(), file_name="a.csv", day=None)
            sample = imports.sample_of(batch)
            return imports.notation_of(batch), sample.dates.doubtful

    assert tenant.locale == "en_PH"
    head = "account;plan;start date;price\n"
    assert guessed(head + "A;B;01/02/2026;1499.00\n") == (Notation("mdy", "point"), "01/02/2026")
    assert guessed(head + "A;B;13/02/2026;1.499,00\nA;B;01/02/2026;20\n") == (Notation("dmy", "comma"), "")
    uploaded("subscriptions", head + "A;B;13/02/2026;1.499,00\n")
    assert guessed(head + "A;B;01/02/2026;1499\n") == (Notation("dmy", "comma"), "01/02/2026")


def test_amounts_are_read_by_the_mark_said_for_the_file_and_never_a_hundred_times(tenant: TenantRef) -> None:
    german = looked_at("plans", "code;name;price\nA;One;1.499,50\nB;Two;20\n")
    assert german.errors == [] and german.totals[1].value == 151_950
    mixed = looked_at("plans", "code;name;price\nA;One;1499,00\nB;Two;29.85\nC;Three;1,499.00\n")
    assert [(error.line, error.value, error.hint) for error in mixed.errors] in (
        [(2, "1499,00", "An amount like 1,499.50.")],
        [(3, "29.85", "An amount like 1.499,50."), (4, "1,499.00", "An amount like 1.499,50.")],
    )


def test_own_fields_of_days_and_numbers_are_read_as_the_file_writes_them(tenant: TenantRef) -> None:
    with unit_of_work():
        custom_fields.define(Definition("Moved in", "date"))
        custom_fields.define(Definition("Floors", "number"))
    brought_in("customers", "name;custom.moved_in;custom.floors\nAna;31/03/2026;2,5\n")
    with unit_of_work():
        (found,) = customers.search("Ana", limit=1)
        ana = customers.get(found.id)
        assert ana is not None and ana.custom_values == {"moved_in": "2026-03-31", "floors": "2.5"}
