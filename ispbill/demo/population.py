"""Made-up subscribers: believable, the same at every start for the same script and days. Pure."""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ispbill.core.text import slug
from ispbill.demo.scripts import AreaScript, CompanyScript, PlanScript

# Of a hundred subscribers: who joins each month, whose line is planned, who only asked, who leaves.
_NEWCOMERS_A_MONTH, _PLANNED, _ASKING, _LEAVING = 5, 3, 2, 4
_BUSINESSES = 6
_PAYDAYS = (1, 15)
_BOOK_DAYS = 330


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are played: from the first of a month to today, both included."""

    first_on: date
    last_on: date

    @property
    def days(self) -> int:
        """How many days are played."""
        return (self.last_on - self.first_on).days + 1


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A made-up customer. The phone number is theirs alone, so it tells who is in the books already."""

    name: str
    kind: str
    email: str
    phone: str
    tax_identifier: str
    area: tuple[str, ...]
    street: str
    landmark: str
    latitude: Decimal
    longitude: Decimal
    plan_codes: tuple[str, ...]
    known_since: date
    starts_on: date | None
    anchor_day: int
    leaves_on: date | None


@dataclass(frozen=True, slots=True)
class _Story:
    """When somebody comes, begins and goes."""

    known_since: date
    starts_on: date | None
    anchor_day: int
    leaves_on: date | None = None


def invent(script: CompanyScript, span: Span) -> list[Subscriber]:
    """The company's subscribers in the order in which it came to know them."""
    dice = Random(script.seed)
    phones = _phones(script, dice)
    people = [_person(script, dice, story, phones[place]) for place, story in enumerate(_stories(script, span, dice))]
    return sorted(people, key=lambda person: (person.known_since, person.phone))


def _stories(script: CompanyScript, span: Span, dice: Random) -> list[_Story]:
    def part(percent: int) -> int:
        return script.subscribers * percent // 100

    months = span.days / 30
    newcomers = min(round(part(_NEWCOMERS_A_MONTH) * months), script.subscribers // 2)
    planned, asking = part(_PLANNED), part(_ASKING)
    old = script.subscribers - newcomers - planned - asking
    return [
        *(_old(span, dice, leaves=place < part(_LEAVING)) for place in range(old)),
        *(_newcomer(span, dice) for _ in range(newcomers)),
        *(_planned(span, dice) for _ in range(planned)),
        *(_Story(span.last_on - timedelta(dice.randint(0, 20)), None, 1) for _ in range(asking)),
    ]


def _old(span: Span, dice: Random, *, leaves: bool) -> _Story:
    """Somebody served before the first day, billed here from their own day of the first month on."""
    anchor_day = dice.randint(1, 31)
    first = span.first_on
    starts_on = first.replace(day=min(anchor_day, monthrange(first.year, first.month)[1]))
    last_days = max(span.days - 1, 45)
    return _Story(
        known_since=first - timedelta(dice.randint(3, _BOOK_DAYS)), starts_on=starts_on, anchor_day=anchor_day,
        leaves_on=first + timedelta(dice.randint(40, last_days)) if leaves else None,
    )


def _newcomer(span: Span, dice: Random) -> _Story:
    """Somebody who joins while the days are played; some want to pay on payday, so their first month is a part."""
    starts_on = span.first_on + timedelta(dice.randint(3, max(span.days - 2, 3)))
    anchor_day = dice.choice(_PAYDAYS) if dice.random() < 0.3 else starts_on.day
    return _Story(max(span.first_on, starts_on - timedelta(dice.randint(1, 6))), starts_on, anchor_day)


def _planned(span: Span, dice: Random) -> _Story:
    starts_on = span.last_on + timedelta(dice.randint(1, 9))
    return _Story(span.last_on - timedelta(dice.randint(0, 5)), starts_on, starts_on.day)


def _person(script: CompanyScript, dice: Random, story: _Story, phone: str) -> Subscriber:
    people = script.people
    first, last = dice.choice(people.first_names), dice.choice(people.last_names)
    is_business = dice.randrange(100) < _BUSINESSES
    name = dice.choice(people.businesses).format(last=last) if is_business else f"{first} {last}"
    area = dice.choice(script.areas)
    latitude, longitude = _near(area, dice)
    return Subscriber(
        name=name, kind="company" if is_business else "person", email=_email(name, phone, people.email_domains, dice),
        phone=phone, tax_identifier=_tax_identifier(dice) if is_business else "", area=area.path,
        street=people.house_pattern.format(block=dice.randint(1, 48), lot=dice.randint(1, 60),
                                           street=dice.choice(people.streets)),
        landmark=dice.choice(people.landmarks), latitude=latitude, longitude=longitude,
        plan_codes=_plans(script.plans, dice, is_business=is_business), known_since=story.known_since,
        starts_on=story.starts_on, anchor_day=story.anchor_day, leaves_on=story.leaves_on,
    )


def _phones(script: CompanyScript, dice: Random) -> list[str]:
    people = script.people
    found: dict[str, None] = {}
    while len(found) < script.subscribers:
        number = str(dice.randrange(10 ** people.phone_digits)).zfill(people.phone_digits)
        found[people.phone_pattern.format(prefix=dice.choice(people.phone_prefixes), number=number)] = None
    return list(found)


def _email(name: str, phone: str, domains: Sequence[str], dice: Random) -> str:
    if dice.random() < 0.25:
        return ""
    return f"{slug(name).replace('-', '.')}{phone[-2:]}@{dice.choice(domains)}"


def _tax_identifier(dice: Random) -> str:
    return "-".join(str(dice.randrange(1000)).zfill(3) for _ in range(3)) + "-00000"


def _near(area: AreaScript, dice: Random) -> tuple[Decimal, Decimal]:
    """A place within some 600 m of the middle of a neighbourhood."""
    north, east = (Decimal(dice.randint(-5500, 5500)).scaleb(-6) for _ in range(2))
    return area.latitude + north, area.longitude + east


def _plans(plans: Sequence[PlanScript], dice: Random, *, is_business: bool) -> tuple[str, ...]:
    """A line to the internet, and perhaps something beside it."""
    lines = [plan for plan in plans if plan.kind == "internet"]
    shares = [plan.business_share if is_business else plan.share for plan in lines]
    extras = [
        plan.code for plan in plans
        if plan.kind != "internet" and dice.randrange(100) < (plan.business_share if is_business else plan.share)
    ]
    return (dice.choices(lines, weights=shares)[0].code, *extras)
