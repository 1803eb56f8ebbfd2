"""Mistakes that people make in files: the look names each by line and column, and says what would be right."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.config import Settings
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers, people, recycling
from tests.make.uploads import brought_in, looked_at

TWO = "account_number,name,external_reference\nA-1,Ana,R1\nA-2,Ben,R2\n"


def told(kind: str, content: str) -> list[tuple[int, str, str, str]]:
    return [(error.line, error.column, error.problem, error.hint) for error in looked_at(kind, content).errors]


@pytest.mark.parametrize(("kind", "column", "value"), [
    ("subscriptions", "plan_code", "P"), ("opening_balances", "amount", "5"),
])
def test_a_line_names_one_customer(tenant: TenantRef, kind: str, column: str, value: str) -> None:
    with unit_of_work():
        offers.plan(code="P")
    brought_in("customers", TWO)
    lines = "".join(f"{line},{value}\n" for line in ("a-1,", "A-2,R2", ",", ",R9", "A-1,R2"))
    assert told(kind, f"account_number,external_reference,{column}\n{lines}") == [
        (4, "account_number", "Nothing stands here.", "An account number or an external reference."),
        (5, "external_reference", "There is no such customer.", "Bring the customers in first."),
        (6, "external_reference", "A-2 has this reference.", "One of the two, or both of one customer."),
    ]


def test_a_file_of_customers_gives_nobody_the_reference_of_another(tenant: TenantRef) -> None:
    brought_in("customers", TWO)
    content = "account_number,name,external_reference\nA-1,Ana,R2\nA-3,Cleo,R1\nA-2,Bea,\n,Dan,R4\n"
    assert told("customers", content) == [
        (2, "external_reference", "A-2 has this reference.", "One of the two, or both of one customer."),
        (3, "external_reference", "A-1 has this reference.", "One of the two, or both of one customer."),
    ]
    assert told("customers", "account_number,name,external_reference\nA-1,Ann,R1\n,Bea,R2\nA-3,Cleo,R3\n") == []


def test_another_price_from_a_day_that_has_one_is_told_before_anything_runs(tenant: TenantRef) -> None:
    brought_in("plans", "code,name,price\nP,Plan,10\n")
    assert told("plans", "code,name,price\nP,Plan,12\n") == [
        (2, "price", "Another price holds from this day already.", "Upload the file again, with a later day."),
    ]
    assert told("plans", "code,name,price\nP,Quick,10\n") == []


def test_what_a_line_lacks_says_what_would_be_right(tenant: TenantRef) -> None:
    assert told("plans", "code,name,price,tax\nP,Plan,10,VAT\n") == [
        (2, "tax", "No tax that is in use has this name.", "Add it under Taxes first, or empty the cell."),
    ]
    assert told("areas", "region,city,barangay\nCavite,,Molino\n,Bacoor,\n") == [
        (line, column, "A level is missing: an area must lie in one of the level above.",
         "Region, city, barangay, from the widest to the narrowest.")
        for line, column in ((2, "city"), (3, "region"))
    ]
    assert told("naps", "code,lcp,splitter\nN1,,S1\n") == [
        (2, "lcp", "Nothing stands here.", "Every row needs a value in this column."),
    ]
    assert told("routers", "brand,model,serial_number\n,HG,S1\n") == [
        (2, "brand", "Say who makes the router.", "Mend the value."),
    ]


@pytest.mark.parametrize(("currency", "amount", "example"), [
    pytest.param("JPY", "1500.50", "An amount like 1,499.", id="no decimals"),
    pytest.param("KWD", "1.2345", "An amount like 1,499.500.", id="three decimals"),
])
def test_what_an_amount_may_look_like_is_said_in_the_company_s_currency(
    context: None, settings: Settings, currency: str, amount: str, example: str
) -> None:
    with bound(recycling.company(settings, currency=currency, timezone="Asia/Tokyo"), SYSTEM):
        with unit_of_work():
            account = people.register_customer("Ana").account_number
        found = looked_at("opening_balances", f"account_number,amount\n{account},{amount}\n", day=date(2026, 3, 1))
        assert [(error.line, error.column, error.hint) for error in found.errors] == [(2, "amount", example)]
