"""Weaving the strands of a timeline: by time, without gap or repeat, for those who may see them."""
from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from ispbill.core.current import SYSTEM, Actor, acting_as
from ispbill.core.errors import Invalid
from ispbill.core.pagination import Edge
from ispbill.web import timeline
from ispbill.web.timeline import Moment, Strand

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


def strand(name: str, hours: list[int], *, permission: str = "view_dashboard") -> Strand:
    """A strand with a moment so many hours before noon each; it is asked as a query would be."""
    known = [Moment(NOON - timedelta(hours=hour), key, f"{name}{key}") for key, hour in enumerate(hours, start=1)]

    def moments(subject_id: int, edge: Edge | None, limit: int) -> list[Moment]:
        fitting = [moment for moment in known if edge is None or (moment.at, moment.key) < edge]
        return sorted(fitting, key=lambda moment: (moment.at, moment.key), reverse=True)[:limit]

    return Strand("customer", permission, moments)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 20])
def test_pages_meet_without_gap_or_repeat_whatever_happened_at_once(size: int) -> None:
    app = Flask(__name__)
    timeline.install(app, [strand("a", [3, 3, 1, 0, 0]), strand("b", [3, 2, 0]), strand("c", [0, 3])])
    with app.app_context(), acting_as(SYSTEM):
        whole = [moment.title for moment in timeline.woven("customer", 1, size=99).moments]
        seen: list[str] = []
        cursor = None
        for _ in itertools.count():
            stretch = timeline.woven("customer", 1, cursor=cursor, size=size)
            seen += [moment.title for moment in stretch.moments]
            cursor = stretch.next_cursor
            if cursor is None:
                break
    assert seen == whole and len(whole) == 10 == len(set(whole))
    assert whole[:4] == ["c1", "b3", "a5", "a4"]


def test_a_strand_is_for_who_may_see_it() -> None:
    app = Flask(__name__)
    timeline.install(app, [strand("a", [1]), strand("b", [0], permission="view_ledger")])
    looker = Actor(kind="user", name="Ana", permissions=frozenset({"view_dashboard"}))
    with app.app_context(), acting_as(looker):
        assert [moment.title for moment in timeline.woven("customer", 1).moments] == ["a1"]
        assert timeline.woven("invoice", 1).moments == []


@pytest.mark.parametrize("cursor", ["nonsense", "WzEsMiwzXQ", "WyIyMDI2LTAzLTEwIiwwLDFd", "bnVsbA", "W1tb" * 450])
def test_a_cursor_that_no_timeline_made_is_refused(cursor: str) -> None:
    with Flask(__name__).app_context(), pytest.raises(Invalid):
        timeline.woven("customer", 1, cursor=cursor)
