"""How a router's label is read, which status may follow which, and what is wrong with a list."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.tables import read_table
from ispbill.network.routers import policy

HEADER = "brand,model,serial_number,mac_address,status,notes\n"


@pytest.mark.parametrize("written", [
    "a4:2b:b0:01:02:03", "A4-2B-B0-01-02-03", "a42b.b001.0203", "A42BB0010203", " a4 2b b0 01 02 03 ",
])
def test_a_mac_address_is_read_in_any_notation(written: str) -> None:
    assert policy.mac_address(written) == "A4:2B:B0:01:02:03"


@pytest.mark.parametrize("written", ["a4:2b", "zz:2b:b0:01:02:03", "01:00:5e:00:00:01", "0" * 12, "f" * 12])
def test_what_no_device_has_is_no_mac_address(written: str) -> None:
    with pytest.raises(Invalid) as refusal:
        policy.mac_address(written)
    assert refusal.value.field == "mac_address"


def test_an_empty_mac_address_is_none() -> None:
    assert policy.mac_address("  ") is None


@pytest.mark.parametrize(("term", "sought"), [
    ("A4:2B", "a42b"), ("b001.0203", "b0010203"), ("hg8145", None), ("a4", None), ("face", "face"),
])
def test_part_of_a_mac_address_is_recognised(term: str, sought: str | None) -> None:
    assert policy.sought_mac(term) == sought


@pytest.mark.parametrize(("before", "after", "allowed"), [
    ("in_stock", "faulty", True), ("faulty", "in_stock", True), ("retired", "in_stock", True),
    ("in_stock", "in_stock", False), ("assigned", "faulty", False), ("in_stock", "assigned", False),
])
def test_marks(before: str, after: str, allowed: bool) -> None:
    if allowed:
        policy.check_mark(before, after)
    else:
        with pytest.raises(Conflict):
            policy.check_mark(before, after)


def test_a_stay_lies_in_the_past_and_in_order() -> None:
    policy.check_span(date(2026, 3, 1), date(2026, 3, 1), today=date(2026, 3, 10))
    for assigned, returned in ((date(2026, 3, 11), None), (date(2026, 3, 5), date(2026, 3, 4)),
                               (date(2026, 3, 5), date(2026, 3, 11))):
        with pytest.raises(Invalid):
            policy.check_span(assigned, returned, today=date(2026, 3, 10))


@pytest.mark.parametrize(("line", "column"), [
    (",HG8145,S1,,,", "brand"), ("Huawei,,S1,,,", "model"), ("Huawei,HG8145,,,,", "serial_number"),
    ("Huawei,HG8145,S<1>,,,", "serial_number"), ("Huawei,HG8145,S1,xx,,", "mac_address"),
    ("Huawei,HG8145,S1,,assigned,", "status"),
])
def test_what_is_wrong_with_a_line_is_told_by_its_column(line: str, column: str) -> None:
    _, errors = policy.read_list(read_table((HEADER + line + "\n").encode()))
    assert [(error.line, error.column) for error in errors] == [(2, column)]
