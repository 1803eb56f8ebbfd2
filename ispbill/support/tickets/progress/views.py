"""Pages on which a ticket goes on: the next status, another hand, a duplicate. Each asks first, then calls one verb."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.support.tickets import queries
from ispbill.support.tickets import service as verbs
from ispbill.support.tickets.blueprint import blueprint
from ispbill.support.tickets.models import Ticket
from ispbill.support.tickets.progress.forms import AssignForm, MergeForm, NoteForm, ReasonForm, ResolutionForm
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

__all__ = ["blueprint"]
_NONE = "There is no such ticket."


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked before a ticket goes on, and what is said afterwards; `question` is followed by the number."""

    question: str
    button: str
    done: str
    consequences: tuple[str, ...]
    style: str = "primary"


_START = Step("Work on", "Start work", "is in progress", ("It is yours, if nobody has it yet",
                                                          "It counts as the first response"))
_PUT_BACK = Step("Put back", "Put back", "is open again", ("Whoever has it keeps it until somebody else is assigned",))
_WAIT = Step("Wait for the customer of", "Wait for customer", "waits for the customer",
             ("Its clock stands still until work goes on",))
_RESOLVE = Step("Resolve", "Resolve ticket", "is resolved", (
    "The customer is told by e-mail, if they have an address", "Its clock stops; it can still be opened again",
))
_CLOSE = Step("Close", "Close ticket", "is closed", ("It leaves the board", "It can still be opened again"))
_REOPEN = Step("Reopen", "Reopen ticket", "is open again", ("Its clock goes on where it stopped",))
_REMOVE = Step("Remove", "Remove ticket", "is removed", (
    "For tickets opened in error: it leaves all lists and reports", "Its number stays taken", "This cannot be undone",
), style="danger")


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
    ticket: Ticket = found(queries.get(ticket_id), _NONE)
    form = AssignForm(obj=ticket)
    form.assignee_id.offer(queries.assignees(including=ticket.assignee_id), empty="Nobody")
    if submit(form, lambda: verbs.assign(ticket, assignee_id=form.assignee_id.data)):
        flash(f"{ticket.number} is assigned anew.", "success")
        return redirect(_page_of(ticket))
    return form_page("confirm.html", form, title=f"Assign {ticket.number}", confirm_label="Assign", style="primary",
                     cancel_url=_page_of(ticket))


@blueprint.route("/<int:ticket_id>/merge", methods=["GET", "POST"])
@requires("change_ticket")
def merge(ticket_id: int) -> ResponseReturnValue:
    """It is a duplicate of another."""
    ticket: Ticket = found(queries.get(ticket_id), _NONE)
    form = MergeForm()
    if submit(form, lambda: verbs.merge(ticket, into=form.kept())):
        flash(f"{ticket.number} is merged into {form.into.data.upper()}.", "success")
        return redirect(_page_of(ticket))
    return form_page("tickets/merge.html", form, ticket=ticket, candidates=queries.mergeable(ticket),
                     cancel_url=_page_of(ticket))


def _step(ticket_id: int, verb: Callable[..., Ticket], step: Step, form: Form) -> ResponseReturnValue:
    ticket: Ticket = found(queries.get(ticket_id), _NONE)
    back = url_for("tickets.board") if request.args.get("back") == "board" else _page_of(ticket)
    if submit(form, lambda: verb(ticket, reason=form["reason"].data)):
        flash(f"{ticket.number} {step.done}.", "success")
        return redirect(back)
    return form_page(
        "confirm.html", form, title=f"{step.question} {ticket.number}?", text=ticket.subject, style=step.style,
        consequences=step.consequences, confirm_label=step.button, cancel_url=back, action=request.full_path,
    )


def _page_of(ticket: Ticket) -> str:
    return url_for("tickets.detail", ticket_id=ticket.id)
