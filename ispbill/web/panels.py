"""Pages put together from several layers: a page names itself, and features above it hang their parts there.

The table of parts stands in app.py; a part is drawn only for those who hold its permission.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flask import Flask, current_app
from markupsafe import Markup

from ispbill.core.current import current

Place = Literal["figures", "subscribers", "main", "side"]
_EXTENSION = "ispbill_panels"


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of another feature's page. `draw` gets the id of the page's subject and gives ready HTML.

    Pages: `account` (of a customer: what is rarely asked for), `completion` (of an installation: what is missing),
    `customer`, `dashboard` (of the company: its subject is 0), `installation`, `invoice`, `nap`, `plan`,
    `settings` (of the company: its subject is 0), `subscription`.
    Places: `figures` (stat cards), `subscribers` (those of the dashboard about customers), `main` (wide column),
    `side` (narrow column).
    """

    page: str
    place: Place
    permission: str
    draw: Callable[[int], Markup]


@dataclass(frozen=True, slots=True)
class Tally:
    """A column of another feature's list: how many of something each row has, and where they are listed.

    Pages: `areas`, `merge` (of two customers), `plans`. Rows that are left out of `count` have none.
    """

    page: str
    label: str
    permission: str
    count: Callable[[Sequence[int]], Mapping[int, int]]
    url: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file of another feature's list: what each row has there.

    Pages: `installations`. Rows that are left out of `values` have nothing.
    """

    page: str
    heading: str
    permission: str
    values: Callable[[Sequence[int]], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Action:
    """Something another feature does for the subject of a page: a button of its header, for those who may.

    `url` gets the subject's id. Pages: `customer`.
    """

    page: str
    label: str
    icon: str
    permission: str
    url: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Counted:
    """A tally of the rows of one page."""

    label: str
    counts: Mapping[int, int]
    url: Callable[[int], str]


Part = Panel | Tally | Column | Action
"""Whatever a feature hangs on a page of those below it."""


def install(app: Flask, parts: Sequence[Part]) -> None:
    """Hang the parts, in the order in which they stand."""
    app.extensions[_EXTENSION] = tuple(parts)


def drawn(page: str, subject_id: int) -> dict[str, list[Markup]]:
    """The panels of a page for its viewer, by place."""
    places: dict[str, list[Markup]] = {"figures": [], "subscribers": [], "main": [], "side": []}
    for part in _parts_of(page):
        if isinstance(part, Panel):
            places[part.place].append(part.draw(subject_id))
    return places


def has_any(page: str) -> bool:
    """Whether the page holds anything for its viewer."""
    return bool(_parts_of(page))


def counted(page: str, row_ids: Sequence[int]) -> list[Counted]:
    """The tallies of a list for its viewer, over the rows that are shown."""
    tallies = [part for part in _parts_of(page) if isinstance(part, Tally)]
    return [Counted(tally.label, tally.count(row_ids), tally.url) for tally in tallies]


def columns(page: str, row_ids: Sequence[int]) -> dict[str, Mapping[int, str]]:
    """What columns to add to a list's file for its viewer, by heading."""
    return {part.heading: part.values(row_ids) for part in _parts_of(page) if isinstance(part, Column)}


def actions(page: str, subject_id: int) -> list[tuple[str, str, str]]:
    """What the viewer may do for a page's subject: label, address, icon."""
    return [
        (part.label, part.url(subject_id), part.icon) for part in _parts_of(page) if isinstance(part, Action)
    ]


def _parts_of(page: str) -> list[Part]:
    parts = current_app.extensions.get(_EXTENSION, ())
    return [part for part in parts if part.page == page and current.actor.may(part.permission)]
