"""Finding customers by what a caller says."""
from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql

from ispbill.areas import service as areas
from ispbill.areas.policy import Place
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.pagination import paginate
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries
from ispbill.customers.models import Customer
from ispbill.customers.queries import CustomerFilter
from tests.make import people


@pytest.fixture
def street(tenant: TenantRef) -> None:
    """Three neighbours."""
    with unit_of_work():
        people.register_customer("Juan Dela Cruz", phone="0917 123 4567", street="12 Mabini Street")
        people.register_customer("Maria Peña", email="maria@example.com", landmark="beside the 100% bakery")
        people.register_customer("Cruz Trading", external_reference="OLD-77", status="lead")


@pytest.mark.parametrize(("term", "names"), [
    ("cruz", ["Cruz Trading", "Juan Dela Cruz"]),
    ("CRUZ juan", ["Juan Dela Cruz"]),
    ("0917-123", ["Juan Dela Cruz"]),
    ("+63 917 1234567", ["Juan Dela Cruz"]),
    ("juan 0917", ["Juan Dela Cruz"]),
    ("(0917) 123", ["Juan Dela Cruz"]),
    ("0917-", ["Juan Dela Cruz"]),
    ("juan (0917)", ["Juan Dela Cruz"]),
    ("maria 0917", []),
    ("mabini 12", ["Juan Dela Cruz"]),
    ("peña", ["Maria Peña"]),
    ("PENA", ["Maria Peña"]),
    ("PEN\u0303A", ["Maria Peña"]),
    ("maria@", ["Maria Peña"]),
    ("100%", ["Maria Peña"]),
    ("%", ["Maria Peña"]),
    ("old-77", ["Cruz Trading"]),
    ("ac-000003", ["Cruz Trading"]),
    ("nobody", []),
])
def test_a_customer_is_found_by_anything_a_caller_says(street: None, term: str, names: list[str]) -> None:
    with unit_of_work():
        assert [row.name for row in queries.search(term, limit=9)] == names
        assert queries.count(CustomerFilter(term=term)) == len(names)


def test_an_exact_account_number_comes_first(street: None) -> None:
    with unit_of_work():
        people.register_customer("Aaron", street="behind ac-000003")
        assert [row.name for row in queries.search("AC-000003", limit=9)] == ["Cruz Trading", "Aaron"]


def test_a_customer_is_found_by_the_area_they_live_in_and_by_those_around_it(tenant: TenantRef) -> None:
    with unit_of_work():
        cavite = people.area("Cavite")
        molino = areas.add("Molino III", parent=areas.add("Bacoor", parent=cavite))
        people.register_customer("Maria Santos", area_id=molino.id)
        people.register_customer("Maria Reyes", area_id=areas.add("Imus", parent=cavite).id)
        people.register_customer("Pedro Molino")
        for term, names in {
            "maria molino": ["Maria Santos"], "molino": ["Maria Santos", "Pedro Molino"], "bacoor": ["Maria Santos"],
            "maria cavite": ["Maria Reyes", "Maria Santos"], "pedro bacoor": [],
        }.items():
            assert [row.name for row in queries.search(term, limit=9)] == names, term
            assert queries.count(CustomerFilter(term=term)) == len(names), term


def test_an_area_is_found_by_who_has_no_key_for_its_letters(tenant: TenantRef) -> None:
    with unit_of_work():
        salitran = areas.add("Salitran", parent=areas.add("Dasmariñas", parent=people.area("Cavite")))
        people.register_customer("José Niño", area_id=salitran.id)
        for term in ("jose dasmarinas", "NIÑO Dasmariñas", "nino cavite"):
            assert [row.name for row in queries.search(term, limit=9)] == ["José Niño"], term


def test_filters_narrow_together(street: None) -> None:
    with unit_of_work():
        assert queries.count(CustomerFilter(term="cruz", status="lead")) == 1
        assert queries.count(CustomerFilter(place=Place(1))) == 0


@pytest.mark.parametrize("sort", list(queries.SORTS))
def test_pages_meet_without_gap_or_overlap_both_ways(tenant: TenantRef, sort: str) -> None:
    with unit_of_work():
        for number in range(7):
            people.register_customer(f"Same {number % 2}")
        listing, key = queries.listing(CustomerFilter()), queries.SORTS[sort]
        first = paginate(listing, key, cursor=None, size=3)
        second = paginate(listing, key, cursor=first.next_cursor, size=3)
        third = paginate(listing, key, cursor=second.next_cursor, size=3)
        back = paginate(listing, key, cursor=second.previous_cursor, size=3)
        ids = [row.id for page in (first, second, third) for row in page.rows]
        assert len(ids) == 7 == len(set(ids)) and third.next_cursor is None
        assert [row.id for row in back.rows] == [row.id for row in first.rows]


def test_an_area_is_shown_with_its_path(tenant: TenantRef) -> None:
    with unit_of_work():
        people.register_customer(area_id=people.area("Luzon", "Manila").id)
        (row,) = paginate(queries.listing(CustomerFilter()), queries.SORTS["name"], cursor=None).rows
        assert (row.area_1, row.area_2, row.area_3) == ("Luzon", "Manila", "")


def test_names_come_in_the_order_of_their_letters_and_the_index_gives_it(tenant: TenantRef) -> None:
    listed = ["ana Cruz", "Ángel Ábalos", "delos Reyes", "Élan Trading", "Nena Uy", "Niño Peña", "Noel Yap", "Zoe Abad"]
    with unit_of_work():
        for name in reversed(listed):
            people.register_customer(name)
    with unit_of_work():
        listing, key = queries.listing(CustomerFilter()), queries.SORTS["name"]
        first = paginate(listing, key, cursor=None, size=5)
        rest = paginate(listing, key, cursor=first.next_cursor, size=5)
        assert [row.name for row in (*first.rows, *rest.rows)] == listed
        in_order = str(select(Customer.id).order_by(*key.columns).compile(dialect=postgresql.dialect()))
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN {in_order}").scalars().all()
        assert "ix_customers_name" in plan[0]
