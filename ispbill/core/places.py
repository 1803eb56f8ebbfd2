"""Places on the globe: coordinates as people write them, and how far one place is from another."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import asin, ceil, cos, radians, sin, sqrt

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

_STEP = Decimal("0.000001")
# The mean radius R1 of the earth (IUGG).
_EARTH_METRES = 6_371_008.8
_METRES_OF_A_DEGREE = 111_000


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees north and east (WGS 84)."""

    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True, slots=True)
class Box:
    """The degrees between which something is looked for."""

    south: Decimal
    north: Decimal
    west: Decimal
    east: Decimal


def place_of(latitude: Decimal | None, longitude: Decimal | None) -> Place | None:
    """The place that two columns name; None where they are empty."""
    return None if latitude is None or longitude is None else Place(latitude, longitude)


def coordinates(latitude: Decimal | None, longitude: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Both or none, within the globe, to six decimals (about 10 cm). Raises Invalid."""
    if latitude is None and longitude is None:
        return None, None
    if latitude is None or longitude is None:
        missing = "latitude" if latitude is None else "longitude"
        raise Invalid(_("Give both latitude and longitude, or neither."), field=missing)
    if not (latitude.is_finite() and abs(latitude) <= 90):
        raise Invalid(_("A latitude lies between -90 and 90."), field="latitude")
    if not (longitude.is_finite() and abs(longitude) <= 180):
        raise Invalid(_("A longitude lies between -180 and 180."), field="longitude")
    return latitude.quantize(_STEP), longitude.quantize(_STEP)


def coordinate(text: str, *, field: str) -> Decimal | None:
    """A coordinate as a person or a file writes it; empty is none. Raises Invalid for what is no number."""
    if not text.strip():
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise Invalid(_("Write the coordinate in degrees, like 14.599512."), field=field) from None


def distance_metres(one: Place, other: Place) -> int:
    """The way between two places along the surface, in whole metres, rounded up (haversine)."""
    north, other_north = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude) - radians(one.longitude)
    part = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin(east / 2) ** 2
    return ceil(2 * _EARTH_METRES * asin(sqrt(min(1.0, part))))


def box_around(place: Place, *, metres: int) -> Box:
    """A box that holds every place within a distance; towards the poles it is as wide as the globe."""
    high = Decimal(metres) / _METRES_OF_A_DEGREE
    narrowing = cos(radians(min(abs(place.latitude) + high, Decimal(90))))
    wide = high / Decimal(str(max(narrowing, 0.01)))
    return Box(place.latitude - high, place.latitude + high, place.longitude - wide, place.longitude + wide)
