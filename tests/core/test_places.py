"""Places: within the globe, to six decimals, and how far apart."""
from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.core.errors import Invalid
from ispbill.core.places import Place, box_around, coordinate, coordinates, distance_metres, place_of

LATITUDES, LONGITUDES = st.decimals(-90, 90, places=6), st.decimals(-180, 180, places=6)


@pytest.mark.parametrize(("latitude", "longitude"), [
    ("91", "0"), ("0", "181"), ("NaN", "0"), ("0", "Infinity"), (None, "1"), ("1", None),
])
def test_a_place_that_is_not_on_the_globe_is_refused(latitude: str | None, longitude: str | None) -> None:
    with pytest.raises(Invalid):
        coordinates(Decimal(latitude) if latitude else None, Decimal(longitude) if longitude else None)


@given(st.decimals(-90, 90, places=9), st.decimals(-180, 180, places=9))
def test_coordinates_have_six_decimals_and_move_by_less_than_that(latitude: Decimal, longitude: Decimal) -> None:
    north, east = coordinates(latitude, longitude)
    assert north is not None and east is not None
    assert max(abs(north - latitude), abs(east - longitude)) <= Decimal("0.0000005")


def test_a_coordinate_is_a_number_or_nothing() -> None:
    assert (coordinate(" 14.5 ", field="latitude"), coordinate("", field="latitude")) == (Decimal("14.5"), None)
    with pytest.raises(Invalid):
        coordinate("north", field="latitude")


@pytest.mark.parametrize(("one", "other", "metres"), [
    (("14.599512", "120.984222"), ("14.599512", "120.984222"), 0),
    (("0", "0"), ("0", "1"), 111_196), (("0", "0"), ("1", "0"), 111_196), (("60", "0"), ("60", "1"), 55_598),
    (("14.599512", "120.984222"), ("14.600412", "120.984222"), 101), (("90", "0"), ("-90", "0"), 20_015_115),
    (("0", "179.9995"), ("0", "-179.9995"), 112),
])
def test_the_way_between_two_places(one: tuple[str, str], other: tuple[str, str], metres: int) -> None:
    assert distance_metres(Place(*map(Decimal, one)), Place(*map(Decimal, other))) == metres


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_the_way_is_as_long_back_and_never_longer_than_half_round_the_globe(
    north: Decimal, east: Decimal, other_north: Decimal, other_east: Decimal
) -> None:
    one, other = Place(north, east), Place(other_north, other_east)
    assert distance_metres(one, other) == distance_metres(other, one) <= 20_015_115


@given(st.decimals(-80, 80, places=6), st.decimals(-170, 170, places=6), st.decimals(-1, 1, places=6),
       st.decimals(-1, 1, places=6))
def test_a_box_holds_whatever_is_within_the_distance(
    north: Decimal, east: Decimal, up: Decimal, right: Decimal
) -> None:
    here, there = Place(north, east), Place(north + up, east + right)
    box = box_around(here, metres=5000)
    if distance_metres(here, there) <= 5000:
        assert box.south <= there.latitude <= box.north and box.west <= there.longitude <= box.east


def test_without_both_coordinates_there_is_no_place() -> None:
    assert place_of(None, None) is None and place_of(Decimal(1), Decimal(2)) == Place(Decimal(1), Decimal(2))
