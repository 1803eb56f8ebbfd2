"""Pages put together from several layers: a page names itself, and features above it hang their panels there.

The table of panels stands in app.py; a panel is drawn only for those who hold its permission.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from flask import Flask, current_app
from markupsafe import Markup

from ispbill.core.current import current

Place = Literal["figures", "main", "side"]
_EXTENSION = "ispbill_panels"


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of another feature's page. `draw` gets the id of the page's subject and gives ready HTML.

    Pages: `customer`, `plan`. Places: `figures` (stat cards), `main` (wide column), `side` (narrow column).
    """

    page: str
    place: Place
    permission: str
    draw: Callable[[int], Markup]


def install(app: Flask, panels: Sequence[Panel]) -> None:
    """Hang the panels, in the order in which they stand."""
    app.extensions[_EXTENSION] = tuple(panels)


def drawn(page: str, subject_id: int) -> dict[str, list[Markup]]:
    """The panels of a page for its viewer, by place."""
    places: dict[str, list[Markup]] = {"figures": [], "main": [], "side": []}
    for panel in current_app.extensions.get(_EXTENSION, ()):
        if panel.page == page and current.actor.may(panel.permission):
            places[panel.place].append(panel.draw(subject_id))
    return places
