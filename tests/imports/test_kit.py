"""The import kit: columns are guessed and remembered, lines come in by chunks, and a batch can be taken back."""
from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook

from ispbill.app import IMPORTS
from ispbill.core.current import TenantRef
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.spreadsheets import read_file, write_workbook
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customers
from ispbill.customers import service as customer_verbs
from ispbill.customers.notes import service as notes
from ispbill.customers.policy import CustomerFacts
from ispbill.customers.queries import CustomerFilter
from ispbill.imports import jobs, kinds, policy, queries
from ispbill.imports import service as imports
from ispbill.imports.models import ImportStatus, RowStatus
from ispbill.imports.policy import Column, guessed, missing
from tests.make import offers
from tests.make.bills import jobs_done
from tests.make.uploads import brought_in, looked_at, taken_back, uploaded

COLUMNS = (Column("name", "", is_required=True, also=("full name",)), Column("phone", "", also=("mobile",)),
           Column("email", ""))


def counts(batch: Any) -> tuple[int, int, int, int]:
    return batch.created_count, batch.updated_count, batch.unchanged_count, batch.refused_count


@pytest.mark.parametrize(("header", "remembered", "expected"), [
    (["Name", "PHONE"], {}, {"name": "Name", "phone": "PHONE"}),
    (["Full_Name", "Mobile"], {}, {"name": "Full_Name", "phone": "Mobile"}),
    (["Nombre", "Tel"], {"name": "Nombre", "phone": "Tel"}, {"name": "Nombre", "phone": "Tel"}),
    (["Nombre", "Phone"], {"name": "Gone", "phone": "Nombre"}, {"phone": "Nombre"}),
    (["Name", "Colour"], {"phone": "Name"}, {"name": "Name"}),
])
def test_columns_are_taken_by_what_was_said_last_time_or_by_name(
    header: list[str], remembered: dict[str, str], expected: dict[str, str]
) -> None:
    found = guessed(header, COLUMNS, remembered=remembered)
    assert found == expected
    assert missing(found, COLUMNS) == ([] if "name" in expected else ["name"])


def test_every_kind_has_columns_with_an_example_and_names_its_key() -> None:
    for kind in IMPORTS:
        if kind.code != "customers":
            columns = kind.columns()
            assert len({column.name for column in columns}) == len(columns) and any(c.example for c in columns)
        assert kind.key and kind.models


def test_a_workbook_reads_as_its_csv_file_would_and_writes_no_formula() -> None:
    book = Workbook()
    sheet = book.active
    for row in (["name", "amount", "since", None], ["Ana", 1499.5, None], ["Ben", 12, "2026-01-01"], [None, None]):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    table = read_file(buffer.getvalue())
    assert table.header == ("name", "amount", "since") and table.errors == []
    found = [(row.line, row.text("name"), row.text("amount")) for row in table.rows]
    assert found == [(2, "Ana", "1499.5"), (3, "Ben", "12")]
    written = read_file(write_workbook("x", ["a", "b"], [["=1+1", -5], ["two\x00", None]]))
    assert [row.cells for row in written.rows] == [{"a": "=1+1", "b": "-5"}, {"a": "two", "b": ""}]


@pytest.mark.parametrize("content", [b"PK\x03\x04 a broken archive", b"", b"\xff\xfe\x00"])
def test_what_is_no_table_is_refused_at_once(tenant: TenantRef, content: bytes) -> None:
    with pytest.raises(Invalid):
        uploaded("areas", content)


def test_columns_that_are_needed_are_asked_for_and_what_was_said_is_remembered(tenant: TenantRef) -> None:
    foreign = "Rehiyon,Bayan\nLuzon,Manila\n"
    with pytest.raises(Invalid) as refusal:
        uploaded("areas", foreign)
    assert refusal.value.field == "region"
    uploaded("areas", foreign, mapping={"region": "Rehiyon", "city": "Bayan"})
    assert counts(brought_in("areas", foreign)) == (1, 0, 0, 0)


def test_nothing_runs_while_a_line_is_wrong_or_twice(tenant: TenantRef) -> None:
    wrong = uploaded("areas", "region,city,barangay\nLuzon,,Tondo\n")
    with pytest.raises(Conflict), unit_of_work():
        imports.run(wrong)
    batch = brought_in("areas", "region\nLuzon\n")
    with pytest.raises(Conflict), unit_of_work():
        imports.run(batch.id)


def test_a_file_comes_in_by_chunks_that_can_be_lost_and_resumed(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK_ROWS", 2)
    content = "name\n" + "".join(f"Customer {number}\n" for number in range(5))
    batch_id = uploaded("customers", content)
    with unit_of_work():
        imports.run(batch_id)
    with unit_of_work():
        jobs.work(batch_id, 0)
    with unit_of_work():
        batch = queries.get(batch_id)
        assert batch is not None and (batch.status, batch.done_count) == (ImportStatus.RUNNING, 2)
    with jobs_done(), unit_of_work():
        jobs.resume()
    with unit_of_work():
        jobs.work(batch_id, 99)
        batch = queries.get(batch_id)
        assert batch is not None and (batch.status, counts(batch)) == (ImportStatus.IMPORTED, (5, 0, 0, 0))
        assert customers.count(CustomerFilter()) == 5


def test_a_line_that_became_wrong_meanwhile_is_refused_and_the_others_come_in(tenant: TenantRef) -> None:
    batch_id = uploaded("routers", "brand,model,serial_number,mac_address\nX,Y,S1,A42BB0010203\nX,Y,S2,\n")
    with unit_of_work():
        imports.run(batch_id)
    brought_in("routers", "brand,model,serial_number,mac_address\nX,Y,OLD,A42BB0010203\n")
    with jobs_done(), unit_of_work():
        jobs.resume()
    with unit_of_work():
        batch = queries.get(batch_id)
        assert batch is not None and counts(batch) == (1, 0, 0, 1)
        (refused,) = queries.rows_with(batch_id, RowStatus.REFUSED)
        assert (refused.column_name, refused.problem) == ("mac_address", "Router OLD has this address.")
        assert refused.cells is not None and refused.cells["serial_number"] == "S1"


def test_a_verb_that_refuses_one_line_refuses_that_line_alone(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = kinds.named("areas")

    def write(steps: Any, terms: Any) -> Any:
        if any(step.facts[0] == "Bad" for step in steps):
            raise Conflict("Not this one.", field="region")
        return kind.write(steps, terms)

    picky = type(kind)(**{**{name: getattr(kind, name) for name in kind.__slots__}, "write": write})
    kinds.install([picky if each.code == "areas" else each for each in IMPORTS])
    try:
        assert counts(brought_in("areas", "region\nLuzon\nBad\nVisayas\n")) == (2, 0, 0, 1)
    finally:
        kinds.install(IMPORTS)


def test_a_batch_is_taken_back_but_for_what_is_used_by_now(tenant: TenantRef) -> None:
    with unit_of_work():
        code = offers.plan(149_900).code
    batch = brought_in("customers", f"name,plan_code\nAna,{code}\nBen,\nCleo,{code}\n")
    with unit_of_work():
        (cleo,) = customers.search("Cleo", limit=1)
        found = customers.get(cleo.id)
        assert found is not None
        notes.write(found, body="Rang")
    undone = taken_back(batch.id)
    assert undone.status == ImportStatus.UNDONE
    with unit_of_work():
        assert customers.count(CustomerFilter()) == 1
        (kept,) = queries.rows_with(batch.id, RowStatus.KEPT)
        assert kept.problem == "It is used by now: customer notes."
    with pytest.raises(Conflict):
        taken_back(batch.id)


def test_what_an_import_changed_becomes_what_it_was_unless_changed_again(tenant: TenantRef) -> None:
    brought_in("customers", "account_number,name,phone,latitude,longitude\nX-1,Ana,,,\nX-2,Ben,,,\n")
    header, mended = "account_number,name,phone,latitude,longitude", "X-1,Ana Cruz,0917 123 4567,14.6,120.98"
    again = brought_in("customers", f"{header}\n{mended}\nX-2,Bentong,,,\n")
    assert counts(again) == (0, 2, 0, 0)
    with unit_of_work():
        ben = customers.by_account_number("X-2")
        assert ben is not None
        customer_verbs.change(ben, facts=CustomerFacts("Benjamin"))
    taken_back(again.id)
    with unit_of_work():
        ana, ben = customers.by_account_number("X-1"), customers.by_account_number("X-2")
        assert ana is not None and ben is not None
        assert (ana.name, ana.phone, ana.latitude, ben.name) == ("Ana", "", None, "Benjamin")
        (kept,) = queries.rows_with(again.id, RowStatus.KEPT)
        assert kept.problem == "It has been changed since."


def test_who_may_not_add_a_thing_may_not_bring_it_in(tenant: TenantRef) -> None:
    assert {kind.permission for kind in IMPORTS} >= {"create_customer", "add_router", "adjust_invoice"}
    loaded = looked_at("areas", "region\nLuzon\n")
    assert [total.label for total in loaded.totals] == ["Areas in the file"] and policy.CHUNK_ROWS > 1
