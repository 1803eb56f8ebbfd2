"""Pages on which a ticket goes on: the next status, another hand, a duplicate. Each asks first, then calls one verb."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.support.tickets import queries
from ispbill.support.tickets import service as verbs
from ispbill.support.tickets.blueprint import blueprint
from ispbill.support.tickets.models import Ticket
from ispbill.support.tickets.progress.forms import AssignForm, MergeForm, NoteForm, ReasonForm, ResolutionForm
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

__all__ = ["blueprint"]
_NONE = lazy("There is no such ticket.")


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked before a ticket goes on, and what is said afterwards, of its `number`."""

    question: str
    button: str
    done: str
    consequences: tuple[str, ...]
    style: str = "primary"


_START = Step(
    lazy("Work on %(number)s?"), lazy("Start work"), lazy("%(number)s is in progress."),
    (lazy("It is yours, if nobody has it yet"), lazy("It counts as the first response")))
_PUT_BACK = Step(
    lazy("Put back %(number)s?"), lazy("Put back"), lazy("%(number)s is open again."),
    (lazy("Whoever has it keeps it until somebody else is assigned"),))
_WAIT = Step(
    lazy("Wait for the customer of %(number)s?"), lazy("Wait for customer"),
    lazy("%(number)s waits for the customer."), (lazy("Its clock stands still until work goes on"),))
_RESOLVE = Step(
    lazy("Resolve %(number)s?"), lazy("Resolve ticket"), lazy("%(number)s is resolved."), (
        lazy("The customer is told by e-mail, if they have an address"),
        lazy("Its clock stops; it can still be opened again")))
_CLOSE = Step(
    lazy("Close %(number)s?"), lazy("Close ticket"), lazy("%(number)s is closed."),
    (lazy("It leaves the board"), lazy("It can still be opened again")))
_REOPEN = Step(
    lazy("Reopen %(number)s?"), lazy("Reopen ticket"), lazy("%(number)s is open again."),
    (lazy("Its clock goes on where it stopped"),))
_REMOVE = Step(
    lazy("Remove %(number)s?"), lazy("Remove ticket"), lazy("%(number)s is removed."), (
        lazy("For tickets opened in error: it leaves all lists and reports"), lazy("Its number stays taken"),
        lazy("This cannot be undone")), style="danger")


@blueprint.route("/<int:ticket_id>/start", methods=["GET", "POST"])
@requires("change_ticket_status")
def start(ticket_id: int) -> ResponseReturnValue:
    """Work on it, for the first time or again."""
    return _step(ticket_id, verbs.start, _START, NoteForm())


@blueprint.route("/<int:ticket_id>/put-back", methods=["GET", "POST"])
@requires("change_ticket_status")
def put_back(ticket_id: int) -> ResponseReturnValue:
    """Work on it no more for now."""
    return _step(ticket_id, verbs.put_back, _PUT_BACK, NoteForm())


@blueprint.route("/<int:ticket_id>/wait", methods=["GET", "POST"])
@requires("change_ticket_status")
def wait(ticket_id: int) -> ResponseReturnValue:
    """Wait for the customer."""
    return _step(ticket_id, verbs.wait, _WAIT, NoteForm())


@blueprint.route("/<int:ticket_id>/resolve", methods=["GET", "POST"])
@requires("change_ticket_status")
def resolve(ticket_id: int) -> ResponseReturnValue:
    """It is done."""
    return _step(ticket_id, verbs.resolve, _RESOLVE, ResolutionForm())


@blueprint.route("/<int:ticket_id>/close", methods=["GET", "POST"])
@requires("change_ticket_status")
def close(ticket_id: int) -> ResponseReturnValue:
    """It is done for good."""
    return _step(ticket_id, verbs.close, _CLOSE, NoteForm())


@blueprint.route("/<int:ticket_id>/reopen", methods=["GET", "POST"])
@requires("change_ticket_status")
def reopen(ticket_id: int) -> ResponseReturnValue:
    """It was not done after all."""
    return _step(ticket_id, verbs.reopen, _REOPEN, ReasonForm())


@blueprint.route("/<int:ticket_id>/remove", methods=["GET", "POST"])
@requires("remove_ticket")
def remove(ticket_id: int) -> ResponseReturnValue:
    """It was opened in error."""
    return _step(ticket_id, verbs.remove, _REMOVE, ReasonForm())


@blueprint.route("/<int:ticket_id>/assign", methods=["GET", "POST"])
@requires("change_ticket")
def assign(ticket_id: int) -> ResponseReturnValue:
    """Say who works on it."""
    ticket = found(queries.get(ticket_id), _NONE)
    form = AssignForm(obj=ticket)
    form.assignee_id.offer(queries.assignees(including=ticket.assignee_id), empty=_("Nobody"))
    if submit(form, lambda: verbs.assign(ticket, assignee_id=form.assignee_id.data)):
        flash(_("%(number)s is assigned anew.", number=ticket.number), "success")
        return redirect(_page_of(ticket))
    return form_page("confirm.html", form, title=_("Assign %(number)s", number=ticket.number),
                     confirm_label=_("Assign"), style="primary",
                     cancel_url=_page_of(ticket))


@blueprint.route("/<int:ticket_id>/merge", methods=["GET", "POST"])
@requires("change_ticket")
def merge(ticket_id: int) -> ResponseReturnValue:
    """It is a duplicate of another."""
    ticket = found(queries.get(ticket_id), _NONE)
    form = MergeForm()
    if submit(form, lambda: verbs.merge(ticket, into=form.kept())):
        flash(_("%(number)s is merged into %(upper)s.", number=ticket.number, upper=form.into.data.upper()), "success")
        return redirect(_page_of(ticket))
    return form_page("tickets/merge.html", form, ticket=ticket, candidates=queries.mergeable(ticket),
                     cancel_url=_page_of(ticket))


def _step(ticket_id: int, verb: Callable[..., Ticket], step: Step, form: Form) -> ResponseReturnValue:
    ticket = found(queries.get(ticket_id), _NONE)
    back = url_for("tickets.board") if request.args.get("back") == "board" else _page_of(ticket)
    if submit(form, lambda: verb(ticket, reason=form["reason"].data)):
        flash(_(step.done, number=ticket.number), "success")
        return redirect(back)
    return form_page(
        "confirm.html", form, title=_(step.question, number=ticket.number), text=ticket.subject, style=step.style,
        consequences=step.consequences, confirm_label=step.button, cancel_url=back, action=request.full_path,
    )


def _page_of(ticket: Ticket) -> str:
    return url_for("tickets.detail", ticket_id=ticket.id)
