"""The search box of the shell: each feature is a source, and who asks sees only what they may open."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app

from ispbill.core.current import current

HITS_PER_SOURCE = 20
_EXTENSION = "ispbill_search_sources"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: where it is, what it is called, and what tells it from others."""

    url: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of thing that can be found; `find` gives at most HITS_PER_SOURCE, the best first."""

    label: str
    permission: str
    find: Callable[[str], list[Hit]]


@dataclass(frozen=True, slots=True)
class Found:
    """What one source found."""

    label: str
    hits: Sequence[Hit]


def install(app: Flask, sources: Sequence[Source]) -> None:
    """Set the sources, in the order in which their results are shown."""
    app.extensions[_EXTENSION] = tuple(sources)


def everywhere(term: str) -> list[Found]:
    """What the sources that the actor may read have for a term; sources without a hit are left out."""
    if not term:
        return []
    sources = (s for s in current_app.extensions.get(_EXTENSION, ()) if current.actor.may(s.permission))
    found = (Found(source.label, source.find(term)) for source in sources)
    return [part for part in found if part.hits]
