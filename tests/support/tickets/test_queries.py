"""The order in which tickets are due: in lists, on the board, by the index."""
from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql

from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.pagination import paginate
from ispbill.core.unit_of_work import unit_of_work
from ispbill.support.tickets import queries
from ispbill.support.tickets import service as tickets
from ispbill.support.tickets.models import Ticket
from ispbill.support.tickets.queries import TicketFilter
from tests.make import support

DUE = queries.SORTS["due"]


@pytest.fixture
def desk(tenant: TenantRef) -> None:
    """Eight hours and a day are left to answer, two days to resolve; one ticket stands, two are done."""
    with unit_of_work():
        tickets.close(tickets.resolve(support.ticket("Closed", priority="urgent"), reason="Done"))
        tickets.resolve(support.ticket("Resolved", priority="urgent"), reason="Done")
        tickets.wait(support.ticket("Standing", priority="urgent"))
        tickets.start(support.ticket("Two days", priority="normal"))
        support.ticket("A day", priority="low")
        support.ticket("Eight hours", priority="normal")


def test_what_is_due_first_stands_first_by_its_next_target_and_what_stands_or_is_done_last(desk: None) -> None:
    listed = ["Eight hours", "A day", "Two days", "Standing", "Closed", "Resolved"]
    with unit_of_work():
        listing = queries.listing(TicketFilter())
        first = paginate(listing, DUE, cursor=None, size=3)
        rest = paginate(listing, DUE, cursor=first.next_cursor, size=3)
        back = paginate(listing, DUE, cursor=rest.previous_cursor, size=3)
        assert [row.subject for row in (*first.rows, *rest.rows)] == listed and rest.next_cursor is None
        assert list(back.rows) == list(first.rows)
        assert [row.due_at - row.opened_at for row in first.rows] == [
            timedelta(hours=8), timedelta(hours=24), timedelta(hours=48)]


def test_a_column_of_the_board_has_on_top_what_is_due_first(desk: None) -> None:
    with unit_of_work():
        columns = queries.board(TicketFilter(), ("open", "resolved"))
    assert [row.subject for row in columns["open"]] == ["Eight hours", "A day"]
    assert [row.subject for row in columns["resolved"]] == ["Resolved"]


def test_what_was_answered_is_due_by_its_resolution(desk: None) -> None:
    with at(current.now() + timedelta(hours=1)), unit_of_work():
        ticket = queries.by_number("TKT-2026-0006")
        tickets.comment(ticket, text="We come tomorrow.", is_public=True)
        columns = queries.board(TicketFilter(), ("open",))
    assert [row.subject for row in columns["open"]] == ["A day", "Eight hours"]


def test_the_index_gives_the_order_and_finds_a_page(desk: None) -> None:
    with unit_of_work():
        first = paginate(queries.listing(TicketFilter()), DUE, cursor=None, size=1).rows[0]
        edge = db.session.execute(select(*DUE.columns).where(Ticket.id == first.id)).one()
        key = ", ".join(str(column.compile(dialect=postgresql.dialect())) for column in DUE.columns)
        for dear in ("seqscan", "bitmapscan"):
            db.session.execute(text(f"SET LOCAL enable_{dear} = off"))
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN SELECT id FROM tickets WHERE ({key}) > (%s, %s) ORDER BY {key} LIMIT 25", tuple(edge)
        ).scalars().all()
    assert any("ix_tickets_due" in line for line in plan) and any("Index Cond" in line for line in plan)
    assert not any("Sort" in line or "Filter" in line for line in plan)
