"""The companies of the demo as data: who they are, what they sell, where, and what their people are called."""
from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "data"
_COMPANIES = ("bayanihan", "prairie")


@dataclass(frozen=True, slots=True)
class PlanScript:
    """A plan, its price in minor units, and how many in a hundred take it; a business by its own share."""

    code: str
    name: str
    kind: str
    price_minor: int
    share: int
    business_share: int = 0
    later_price_minor: int | None = None
    download_mbps: int | None = None
    upload_mbps: int | None = None
    tax: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class TaxScript:
    """A percentage tax."""

    name: str
    rate_percent: str
    mode: str


@dataclass(frozen=True, slots=True)
class StaffScript:
    """One of the staff, and the role they have."""

    role: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class AreaScript:
    """A neighbourhood with the levels above it, and about where it lies."""

    path: tuple[str, ...]
    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True, slots=True)
class PeopleScript:
    """What subscribers are called and how they are reached."""

    phone_pattern: str
    phone_prefixes: tuple[str, ...]
    phone_digits: int
    email_domains: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    businesses: tuple[str, ...]
    streets: tuple[str, ...]
    house_pattern: str
    landmarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompanyScript:
    """Everything that is made up about one company; `seed` makes its people the same at every start.

    Where a file of subscribers is given, it is for the company that says `from_file`.
    """

    name: str
    subdomain: str
    currency: str
    timezone: str
    seed: int
    subscribers: int
    area_levels: tuple[str, ...]
    accent_colour: str
    invoice_note: str
    identity: dict[str, str]
    taxes: tuple[TaxScript, ...]
    plans: tuple[PlanScript, ...]
    staff: tuple[StaffScript, ...]
    areas: tuple[AreaScript, ...]
    people: PeopleScript
    payments: dict[str, int]
    bank: str
    from_file: bool = False


def companies() -> list[CompanyScript]:
    """The companies of the demo."""
    return [_read(name) for name in _COMPANIES]


def _read(name: str) -> CompanyScript:
    told = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return CompanyScript(
        taxes=tuple(TaxScript(**tax) for tax in told.pop("taxes")),
        plans=tuple(PlanScript(**plan) for plan in told.pop("plans")),
        staff=tuple(StaffScript(**one) for one in told.pop("staff")),
        areas=tuple(_area(area) for area in told.pop("areas")),
        people=PeopleScript(**{key: _frozen(value) for key, value in told.pop("people").items()}),
        **{key: _frozen(value) for key, value in told.items()},
    )


def _area(told: dict[str, Any]) -> AreaScript:
    latitude, longitude = map(Decimal, told["at"])
    return AreaScript(path=tuple(told["path"]), latitude=latitude, longitude=longitude)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
