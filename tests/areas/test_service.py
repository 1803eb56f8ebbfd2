"""The tree of areas: grown, renamed, cut back, brought in from a list."""
from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from ispbill.areas import queries
from ispbill.areas import service as areas
from ispbill.areas.queries import AreaFilter
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.pagination import paginate
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.queries import count_by_area
from tests.make import people

LIST = b"region,city,barangay\nLuzon,Manila,Tondo\nLuzon,Manila,Ermita\nVisayas,,\n"


def paths() -> list[str]:
    return [path for _, path in queries.choices()]


def test_a_tree_is_listed_with_each_parent_before_its_children(tenant: TenantRef) -> None:
    with unit_of_work():
        people.area("Luzon", "Manila", "Tondo")
        people.area("Abra")
        assert paths() == ["Abra", "Luzon", "Luzon › Manila", "Luzon › Manila › Tondo"]


def test_nothing_lies_below_the_third_level(tenant: TenantRef) -> None:
    with unit_of_work():
        tondo = people.area("Luzon", "Manila", "Tondo")
        with pytest.raises(Invalid):
            areas.add("Street", parent=tondo)


def test_a_name_stands_once_under_its_parent_and_again_elsewhere(tenant: TenantRef) -> None:
    with unit_of_work():
        areas.add("San Juan", parent=people.area("Luzon"))
        areas.add("San Juan", parent=people.area("Visayas"))
        luzon = queries.children(None)[0]
        with pytest.raises(IntegrityError), db.session.begin_nested():
            areas.add("SAN JUAN", parent=luzon)


def test_an_area_is_renamed_with_everybody_in_it(tenant: TenantRef) -> None:
    with unit_of_work():
        area = people.area("Luzon", "Manlia")
        people.register_customer(area_id=area.id)
        areas.rename(area, name="Manila")
        assert paths()[-1] == "Luzon › Manila"


def test_an_area_that_is_used_stays(tenant: TenantRef) -> None:
    with unit_of_work():
        manila = people.area("Luzon", "Manila")
        people.register_customer(area_id=manila.id)
        luzon = queries.children(None)[0]
        with pytest.raises(Conflict, match="still contains"):
            areas.remove(luzon)
        with pytest.raises(IntegrityError), db.session.begin_nested():
            areas.remove(manila)


def test_an_empty_area_is_removed(tenant: TenantRef) -> None:
    with unit_of_work():
        areas.remove(people.area("Luzon"))
        assert paths() == []


def test_a_list_adds_what_is_missing_and_a_second_time_nothing(tenant: TenantRef) -> None:
    with unit_of_work():
        people.area("luzon")
        first, second = areas.import_list(LIST), areas.import_list(LIST)
        assert (first.created, first.unchanged) == (4, 0)
        assert (second.created, second.unchanged) == (0, 3)
        assert len(paths()) == 5, "the capitals of a name do not make another area"


def test_a_list_with_one_wrong_line_adds_nothing(tenant: TenantRef) -> None:
    with unit_of_work():
        result = areas.import_list(LIST + b"Luzon,,Tondo\n")
        assert [error.line for error in result.errors] == [5] and paths() == []


def test_residents_are_counted_with_everything_that_lies_inside(tenant: TenantRef) -> None:
    with unit_of_work():
        tondo = people.area("Luzon", "Manila", "Tondo")
        manila = queries.get(tondo.parent_id)
        people.register_customer(area_id=tondo.id)
        people.register_customer(area_id=manila.id)
        people.register_customer()
        luzon_id = manila.parent_id
        assert count_by_area([tondo.id, manila.id, luzon_id]) == {tondo.id: 1, manila.id: 2, luzon_id: 2}


def test_pages_of_the_tree_meet_without_gap_or_overlap(tenant: TenantRef) -> None:
    with unit_of_work():
        areas.import_list(LIST)
        seen, cursor = [], None
        while True:
            page = paginate(queries.listing(AreaFilter()), queries.TREE_ORDER, cursor=cursor, size=2)
            seen += [row.name for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == ["Luzon", "Manila", "Ermita", "Tondo", "Visayas"]
