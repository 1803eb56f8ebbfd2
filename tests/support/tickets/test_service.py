"""The life of a ticket through the verbs."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from ispbill.core.current import Actor, TenantRef, acting_as, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications.models import Message
from ispbill.support.desk import service as desk
from ispbill.support.desk.models import Priority
from ispbill.support.desk.policy import Promise
from ispbill.support.tickets import jobs, queries
from ispbill.support.tickets import service as tickets
from ispbill.support.tickets.policy import TicketFacts
from tests.make import offers, people, plants, support
from tests.make.browsers import colleague, owner


def later(**span: float) -> datetime:
    return current.now() + timedelta(**span)


def sent(template: str) -> list[str]:
    return list(db.session.scalars(select(Message.body).where(Message.template == template).order_by(Message.id)))


def test_numbers_follow_one_another_and_begin_anew_each_year(tenant: TenantRef) -> None:
    with unit_of_work():
        assert [support.ticket().number for _ in range(2)] == ["TKT-2026-0001", "TKT-2026-0002"]
    with at(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)), unit_of_work():
        assert support.ticket().number == "TKT-2027-0001", "it is 2027 in Manila"
    with unit_of_work():
        assert support.ticket().number == "TKT-2026-0003"


def test_a_number_returns_when_opening_fails(tenant: TenantRef) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        support.ticket()
        raise RuntimeError
    with unit_of_work():
        assert support.ticket().number == "TKT-2026-0001"


def test_a_ticket_goes_from_open_to_closed_and_tells_its_story(tenant: TenantRef) -> None:
    with unit_of_work():
        ticket = support.ticket("No light")
        tickets.start(ticket)
        tickets.wait(ticket, reason="Nobody at home")
        tickets.start(ticket)
        tickets.resolve(ticket, reason="New connector")
        tickets.close(ticket)
        assert (ticket.status, ticket.is_unresolved) == ("closed", False)
        story = [(event.kind, event.after, event.note) for event in queries.happened(ticket.id)]
    assert story == [
        ("opened", "", ""), ("moved", "in_progress", ""), ("moved", "waiting", "Nobody at home"),
        ("moved", "in_progress", ""), ("moved", "resolved", "New connector"), ("moved", "closed", ""),
    ]


def test_whoever_starts_has_it_where_nobody_had(tenant: TenantRef) -> None:
    ana = colleague(permissions=["view_ticket_list"])
    with unit_of_work(), acting_as(Actor("user", "Ana", user_id=ana.id)):
        ticket, other = support.ticket(), support.ticket(assignee_id=ana.id)
        tickets.start(ticket)
        assert ticket.assignee_id == ana.id
        tickets.resolve(ticket, reason="Done")
        assert ticket.resolved_by_id == ana.id
    with unit_of_work():
        other = queries.get(other.id)
        tickets.start(other)
        assert other.assignee_id == ana.id, "the system takes nothing away"


def test_only_staff_who_see_tickets_are_assigned(tenant: TenantRef) -> None:
    seeing = colleague(permissions=["view_ticket_list"])
    blind = colleague("ben@example.com", permissions=["view_dashboard"])
    with unit_of_work():
        ticket = support.ticket()
        tickets.assign(ticket, assignee_id=seeing.id)
        for stranger in (blind.id, 424242):
            with pytest.raises(Invalid) as refusal:
                tickets.assign(ticket, assignee_id=stranger)
            assert refusal.value.field == "assignee_id"
        assert queries.assignees() == [(seeing.id, "Ana")]
        tickets.assign(ticket, assignee_id=None)
        assert ticket.assignee_id is None


def test_a_loss_needs_a_reason_and_a_resolution_its_words(tenant: TenantRef) -> None:
    with unit_of_work():
        ticket = support.ticket()
        for verb in (tickets.resolve, tickets.remove):
            with pytest.raises(Invalid) as refusal:
                verb(ticket, reason=" ")
            assert refusal.value.field == "reason"
        tickets.resolve(ticket, reason="Done")
        with pytest.raises(Invalid), db.session.begin_nested():
            tickets.reopen(ticket, reason="")
        tickets.reopen(ticket, reason="Dark again")
        assert (ticket.status, ticket.reopened_count, ticket.resolved_by_id) == ("open", 1, None)


def test_a_removed_ticket_keeps_its_number_and_leaves_the_lists(tenant: TenantRef) -> None:
    with unit_of_work():
        ticket = support.ticket()
        tickets.remove(ticket, reason="Wrong number dialled")
        assert queries.count(queries.TicketFilter()) == 0
        assert queries.count(queries.TicketFilter(status="removed")) == 1
        for verb in (tickets.start, tickets.close, tickets.put_back):
            with pytest.raises(Conflict):
                verb(ticket)
        with pytest.raises(Conflict):
            tickets.comment(ticket, text="Hello", is_public=False)
        assert support.ticket().number == "TKT-2026-0002"


def test_a_target_that_is_missed_is_marked_and_announced_once(tenant: TenantRef) -> None:
    owner()
    ana = colleague(permissions=["view_ticket_list"])
    with unit_of_work():
        support.ticket("Dark", priority="urgent")
        support.ticket("Slow", priority="urgent", assignee_id=ana.id)
    with at(later(minutes=61)):
        for _ in range(2):
            jobs.mark_late.run(tenant)
        with unit_of_work():
            assert queries.tallies(ana.id) == queries.Tallies(unresolved=2, late=2, unassigned=1, mine=1)
            recipients = db.session.execute(
                select(Message.recipient).where(Message.template == "ticket_late").order_by(Message.id)
            ).scalars().all()
    assert list(recipients) == ["owner@example.com", "ana@example.com"]
    with at(later(hours=5)):
        jobs.mark_late.run(tenant)
        with unit_of_work():
            assert len(sent("ticket_late")) == 4
            assert "missed the target of its resolution" in sent("ticket_late")[-1]


def test_who_waits_for_the_customer_misses_nothing(tenant: TenantRef) -> None:
    with unit_of_work():
        ticket = support.ticket(priority="urgent")
        tickets.wait(ticket)
    with at(later(days=3)):
        jobs.mark_late.run(tenant)
        with unit_of_work():
            again = queries.get(ticket.id)
            assert again.resolution_late_at is None
            tickets.start(again)
            assert again.resolution_due_at == again.opened_at + timedelta(days=3, hours=4)


def test_what_is_answered_late_is_marked_even_before_the_sweep(tenant: TenantRef) -> None:
    with unit_of_work():
        ticket = support.ticket(priority="urgent")
    with at(later(hours=2)), unit_of_work():
        again = queries.get(ticket.id)
        tickets.start(again)
        assert again.response_late_at == current.now() and again.resolution_late_at is None


def test_another_priority_is_promised_from_when_it_was_opened(tenant: TenantRef) -> None:
    with unit_of_work():
        ticket = support.ticket(priority="urgent")
    with at(later(hours=6)), unit_of_work():
        again = queries.get(ticket.id)
        tickets.mark_late(again)
        assert again.resolution_late_at
        facts = TicketFacts(again.subject, again.category_id, priority="low")
        tickets.change(again, facts=facts, customer=None)
        assert again.resolution_due_at == again.opened_at + timedelta(hours=120)
        assert again.resolution_late_at is None and again.response_late_at is None


def test_promises_hold_for_tickets_opened_from_then_on(tenant: TenantRef) -> None:
    with unit_of_work():
        before = support.ticket()
        desk.promise({priority: Promise(3, 5) for priority in Priority})
        after = support.ticket()
        assert before.resolution_due_at == before.opened_at + timedelta(hours=48)
        assert after.resolution_due_at == after.opened_at + timedelta(hours=5)


def test_what_is_public_goes_to_the_customer_and_what_is_internal_does_not(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz", email="ana@example.com")
        ticket = support.ticket("No light", customer=ana)
        tickets.comment(ticket, text="Looks like the neighbour's saw", is_public=False)
        assert ticket.first_response_at is None
        tickets.comment(ticket, text="We come at two", is_public=True)
        assert ticket.first_response_at == current.now()
        tickets.resolve(ticket, reason="New cable")
        assert ["We come at two" in body for body in sent("ticket_answered")] == [True]
        assert ["New cable" in body for body in sent("ticket_resolved")] == [True]
        tickets.reopen(ticket, reason="Dark again")
        tickets.resolve(ticket, reason="Newer cable")
        assert len(sent("ticket_resolved")) == 2


def test_nobody_is_written_to_without_an_address(tenant: TenantRef) -> None:
    with unit_of_work():
        for customer in (None, people.register_customer("Ben")):
            ticket = support.ticket(customer=customer)
            tickets.comment(ticket, text="Hello", is_public=True)
            tickets.resolve(ticket, reason="Done")
        assert sent("ticket_answered") == sent("ticket_resolved") == []


def test_a_duplicate_points_to_the_ticket_that_stays_and_its_words_are_shown_there(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana")
        first, kept, last = support.ticket("Dark"), support.ticket("No light", customer=ana), support.ticket("Off")
        tickets.comment(first, text="Since noon", is_public=False)
        tickets.merge(first, into=last)
        tickets.merge(last, into=kept)
        db.session.expire_all()
        assert (queries.get(first.id).merged_into_id, queries.get(first.id).status) == (kept.id, "closed")
        said = [(row.TicketComment.body, row.number) for row in queries.said(kept.id)]
        assert said == [("Since noon", "TKT-2026-0001")]
        for verb in (lambda: tickets.reopen(first, reason="No"), lambda: tickets.merge(kept, into=first),
                     lambda: tickets.merge(kept, into=kept)):
            with pytest.raises(Conflict):
                verb()


def test_tickets_of_two_customers_are_not_merged(tenant: TenantRef) -> None:
    with unit_of_work():
        ours, theirs = (support.ticket(customer=people.register_customer()) for _ in range(2))
        with pytest.raises(Conflict, match="another customer"):
            tickets.merge(ours, into=theirs)


def test_a_retired_category_stays_where_it_is_and_is_not_chosen_anew(tenant: TenantRef) -> None:
    with unit_of_work():
        poles = desk.add_category("Poles")
        ticket = support.ticket(category_id=poles.id)
        desk.change_category(poles, name="Poles", is_active=False)
        with pytest.raises(Invalid):
            support.ticket(category_id=poles.id)
        tickets.change(ticket, facts=TicketFacts("Leaning pole", poles.id), customer=None)
        assert ticket.subject == "Leaning pole"


def test_a_file_is_kept_and_a_program_is_not(tenant: TenantRef) -> None:
    with unit_of_work():
        ticket = support.ticket()
        tickets.attach(ticket, content=b"%PDF-1.7 ...", name="photo.pdf")
        assert [row.file.name for row in queries.attachments(ticket.id)] == ["photo.pdf"]
        with pytest.raises(Invalid), db.session.begin_nested():
            tickets.attach(ticket, content=b"MZ\x90\x00\x03", name="photo.pdf")


@pytest.mark.parametrize("statement", [
    "DELETE FROM tickets", "DELETE FROM ticket_comments", "UPDATE ticket_comments SET body = 'x'",
    "DELETE FROM ticket_events",
])
def test_the_database_lets_nothing_vanish(tenant: TenantRef, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), unit_of_work():
        db.session.execute(text(statement))


def test_a_ticket_is_of_the_nap_at_which_the_customers_lines_end(tenant: TenantRef) -> None:
    with unit_of_work():
        ana, ben, zoe = (people.register_customer(name) for name in ("Ana", "Ben", "Zoe"))
        box = plants.nap(code="NAP-7")
        for number, customer in enumerate((ana, ben), start=1):
            plants.connect(offers.installation(customer), box, number)
        plants.connect(offers.installation(ben), plants.nap(), 1)
        ours = support.ticket("Dark", customer=ana)
        assert ours.nap_id == box.id
        assert support.ticket(customer=ben).nap_id is None, "which of the two is not known"
        assert support.ticket(customer=zoe).nap_id is None
        said = support.ticket("Dark too", customer=ben, nap_id=box.id)
        assert [row.number for row in queries.unresolved_at(box.id, besides=ours.id)] == [said.number]
        assert queries.nap_with_code("nap-7").id == box.id
        tickets.resolve(said, reason="Spliced")
        assert queries.unresolved_at(box.id, besides=ours.id) == queries.unresolved_at(None) == []
