"""What happened to somebody, told by many features: each is a strand, and the timeline is woven of them by time.

The table of strands stands in app.py; a strand is drawn only for those who hold its permission.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app

from ispbill.core.current import current
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import Edge, packed, unpacked

PAGE_SIZE = 30
_EXTENSION = "ispbill_timeline"
_BEYOND = 2**62


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened. `key` is the id of its row: it orders what happened at the same instant."""

    at: datetime
    key: int
    title: str
    text: str = ""
    actor: str = ""
    icon: str = "circle-dot"
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Strand:
    """What one feature knows of the subject of a page.

    `moments` gets the subject's id, an edge and a limit, and gives that many moments before the edge, newest first.
    """

    page: str
    permission: str
    moments: Callable[[int, Edge | None, int], list[Moment]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a timeline, newest first, and the cursor of what lies before it."""

    moments: Sequence[Moment]
    next_cursor: str | None


def install(app: Flask, strands: Sequence[Strand]) -> None:
    """Set the strands; of moments at the same instant, those of the later strand come first."""
    app.extensions[_EXTENSION] = tuple(strands)


def woven(page: str, subject_id: int, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Stretch:
    """The moments of a page's subject before the cursor, for its viewer: one query a strand, however long it is.

    Raises Invalid for a cursor that no timeline made.
    """
    last = _read_cursor(cursor)
    found = [
        (moment.at, place, moment.key, moment)
        for place, strand in enumerate(current_app.extensions.get(_EXTENSION, ()))
        if strand.page == page and current.actor.may(strand.permission)
        for moment in strand.moments(subject_id, _edge(last, place), size + 1)
    ]
    found.sort(key=lambda known: known[:3], reverse=True)
    more = _make_cursor(*found[size - 1][:3]) if len(found) > size else None
    return Stretch([known[3] for known in found[:size]], more)


def _edge(last: tuple[datetime, int, int] | None, place: int) -> Edge | None:
    """Where a strand goes on: after the last moment shown, of strands that share its instant in their order."""
    if last is None:
        return None
    at, last_place, key = last
    if place == last_place:
        return at, key
    return at, _BEYOND if place < last_place else -1


def _make_cursor(at: datetime, place: int, key: int) -> str:
    return packed([at.isoformat(), place, key])


def _read_cursor(cursor: str | None) -> tuple[datetime, int, int] | None:
    if not cursor:
        return None
    try:
        at, place, key = unpacked(cursor)
        instant = datetime.fromisoformat(at)
        if type(place) is not int or type(key) is not int or instant.tzinfo is None or abs(key) > _BEYOND:
            raise ValueError("not a cursor")
    except (ValueError, TypeError):
        raise Invalid(_("This page's address is not valid. Start again from the newest."), field="cursor") from None
    return instant, place, key
