"""Rules of the plant: what must be known of each part, how many of one the other carries, how far a drop reaches."""
from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.places import Place, coordinates, distance_metres

ACCURACIES = ("exact", "approximate", "address", "manual")
CONDITIONS = ("good", "reserved", "faulty")
OUTPUT_COUNTS = (2, 4, 8, 16, 32, 64)
DEFAULT_SPLITTERS, MOST_SPLITTERS = 8, 128
DEFAULT_PORTS, MOST_PORTS = 8, 64
DEFAULT_DROP_METRES, LONGEST_DROP_METRES = 100, 5000
LONGEST = {"code": 40, "name": 120, "address": 300, "notes": 5000, "note": 300, "reason": 300}


@dataclass(frozen=True, slots=True)
class LcpFacts:
    """What is known of an LCP."""

    code: str
    name: str
    splitter_capacity: int = DEFAULT_SPLITTERS
    area_id: int | None = None
    address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy: str = "exact"
    notes: str = ""


@dataclass(frozen=True, slots=True)
class SplitterFacts:
    """What is known of a splitter; `output_count` is the n of 1:n."""

    code: str
    output_count: int
    notes: str = ""


@dataclass(frozen=True, slots=True)
class NapFacts:
    """What is known of a NAP; a drop from it is at most `max_drop_metres` long."""

    code: str
    port_count: int = DEFAULT_PORTS
    max_drop_metres: int = DEFAULT_DROP_METRES
    area_id: int | None = None
    address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy: str = "exact"
    notes: str = ""


def checked_lcp(facts: LcpFacts) -> LcpFacts:
    """The facts as they are stored. Raises Invalid, naming the field."""
    latitude, longitude = _checked_place(facts)
    _check_between(facts.splitter_capacity, 1, MOST_SPLITTERS, field="splitter_capacity", noun="splitters")
    return replace(
        facts, code=_code(facts.code), name=_required(facts.name, field="name"), latitude=latitude, longitude=longitude,
        address=_text(facts.address, "address"), notes=_text(facts.notes, "notes"),
    )


def checked_splitter(facts: SplitterFacts) -> SplitterFacts:
    """The facts as they are stored. Raises Invalid, naming the field."""
    if facts.output_count not in OUTPUT_COUNTS:
        raise Invalid(_("A splitter is 1:2, 1:4, 1:8, 1:16, 1:32 or 1:64."), field="output_count")
    return replace(facts, code=_code(facts.code), notes=_text(facts.notes, "notes"))


def checked_nap(facts: NapFacts) -> NapFacts:
    """The facts as they are stored. Raises Invalid, naming the field."""
    latitude, longitude = _checked_place(facts)
    _check_between(facts.port_count, 1, MOST_PORTS, field="port_count", noun=_("ports"))
    _check_between(facts.max_drop_metres, 1, LONGEST_DROP_METRES, field="max_drop_metres", noun=_("metres"))
    return replace(
        facts, code=_code(facts.code), address=_text(facts.address, "address"), notes=_text(facts.notes, "notes"),
        latitude=latitude, longitude=longitude,
    )


def checked_condition(condition: str, note: str) -> str:
    """The note of a port's condition. Raises Invalid for another condition, or where nothing says why."""
    if condition not in CONDITIONS:
        raise Invalid(_("A port is good, reserved or faulty."), field="condition")
    if condition != "good" and not note.strip():
        raise Invalid(_("Say for whom it is reserved, or what is wrong with it."), field="note")
    return _text(note, "note")


def check_room(taken: int, capacity: int, *, noun: str, of: str) -> None:
    """Raises Conflict where one more does not fit."""
    if taken >= capacity:
        raise Conflict(_("%(of)s is full: it holds %(capacity)s %(noun)s.", of=of, capacity=capacity, noun=noun))


def check_shrinking(taken: int, capacity: int, *, field: str, noun: str) -> None:
    """Raises Invalid where less capacity is wanted than is taken."""
    if capacity < taken:
        raise Invalid(_("%(taken)s %(noun)s are there already.", taken=taken, noun=noun), field=field)


def drop_metres(nap: Place | None, house: Place | None) -> int | None:
    """How long a straight drop from a NAP to a house is; None where either place is unknown."""
    return None if nap is None or house is None else distance_metres(nap, house)


def checked_drop(metres: int | None, *, most: int, reason: str) -> str:
    """Why a drop may be longer than its NAP allows; empty where it is not.

    Raises Invalid for a longer one without a reason. A drop whose length nobody knows passes.
    """
    if metres is None or metres <= most:
        return ""
    if not reason.strip():
        message = _("The house is %(metres)s m from this NAP, which serves up to %(most)s m. Say why it may be used.",
                    metres=metres, most=most)
        raise Invalid(message, field="override_reason")
    return _text(reason, "reason", field="override_reason")


def _checked_place(facts: LcpFacts | NapFacts) -> tuple[Decimal | None, Decimal | None]:
    if facts.accuracy not in ACCURACIES:
        raise Invalid(_("Choose how well the place is known."), field="accuracy")
    return coordinates(facts.latitude, facts.longitude)


def _code(text: str) -> str:
    return _required(text, field="code").upper()


def _required(text: str, *, field: str) -> str:
    value = " ".join(text.split())
    if not value:
        raise Invalid(_("Give it a %(field)s.", field=field), field=field)
    return _text(value, field)


def _text(text: str, kind: str, *, field: str | None = None) -> str:
    if len(text.strip()) > LONGEST[kind]:
        raise Invalid(_("This has at most %(longest)s characters.", longest=LONGEST[kind]), field=field or kind)
    return text.strip()


def _check_between(number: int, least: int, most: int, *, field: str, noun: str) -> None:
    if not least <= number <= most:
        raise Invalid(_("Enter %(least)s to %(most)s %(noun)s.", least=least, most=most, noun=noun), field=field)
