"""Pages of tickets: list, board, one ticket with all that was said, a new one; the panel of a customer's page."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.areas import queries as areas
from ispbill.areas.policy import place_named
from ispbill.core.current import current
from ispbill.core.db import AnyRow
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.files import queries as files
from ispbill.files.serving import attachment as download
from ispbill.support.desk import queries as desk
from ispbill.support.desk.models import Priority
from ispbill.support.tickets import policy, queries
from ispbill.support.tickets import service as verbs
from ispbill.support.tickets.blueprint import blueprint
from ispbill.support.tickets.forms import SOURCE_WORDS, ChangeForm, CommentForm, FileForm, OpenForm
from ispbill.support.tickets.models import Ticket, TicketStatus
from ispbill.support.tickets.queries import NOBODY, SOMEBODY, TicketFilter
from ispbill.web.exports import csv_response
from ispbill.web.forms import choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_id, chosen_instants
from ispbill.web.requests import found
from ispbill.web.search import HITS_PER_SOURCE, Hit

_NONE, _NO_CUSTOMER = lazy("There is no such ticket."), lazy("There is no such customer.")
_CUSTOMERS_OFFERED = 20
_MOST_EXPORTED = 50_000
_EXPORT_COLUMNS = (
    "number", "subject", "status", "priority", "category", "source", "account_number", "customer_name", "contact",
    "nap", "assignee", "opened_at", "first_response_at", "resolved_at", "response_due_at", "resolution_due_at",
    "response_late_at", "resolution_late_at",
)


@blueprint.get("")
@requires("view_ticket_list")
def index() -> ResponseReturnValue:
    """The newest tickets first, as the filters want them."""
    wanted, filters = asked(queries.SORTS, default="newest"), _filters()
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor)
    return render_template("tickets/index.html", page=page, count=queries.count(filters),
                           tallies=queries.tallies(current.actor.user_id), **_choices())


@blueprint.get("/board")
@requires("view_ticket_list")
def board() -> ResponseReturnValue:
    """What is worked on, a column for each status."""
    filters = _filters()
    return render_template(
        "tickets/board.html", board=queries.board(filters, policy.BOARD),
        counts=queries.count_by_status(filters, policy.BOARD), moves=policy.moves, **_choices(),
    )


@blueprint.get("/board/export")
@requires("export_ticket_data")
def export_board() -> Response:
    """Every ticket of the board's columns, those beyond what a column shows too."""
    found_in = (queries.everything(replace(_filters(), status=status), limit=_MOST_EXPORTED)
                for status in ("unresolved", TicketStatus.RESOLVED))
    return csv_response("board", _EXPORT_COLUMNS, map(_file_row, chain.from_iterable(found_in)))


@blueprint.get("/export")
@requires("export_ticket_data")
def export() -> Response:
    """What the filters show."""
    rows = queries.everything(_filters(), limit=_MOST_EXPORTED)
    return csv_response("tickets", _EXPORT_COLUMNS, map(_file_row, rows))


@blueprint.get("/open")
@requires("create_ticket")
def choose_customer() -> ResponseReturnValue:
    """Who has something to report."""
    term = asked(queries.SORTS, default="newest").term
    hits = customers.search(term, limit=_CUSTOMERS_OFFERED) if term else []
    return render_template("tickets/choose_customer.html", customers=hits, term=term)


@blueprint.route("/open/other", methods=["GET", "POST"])
@requires("create_ticket")
def open_other() -> ResponseReturnValue:
    """A new ticket of somebody who is no customer, or not known yet."""
    return _open(None)


@blueprint.route("/open/<int:customer_id>", methods=["GET", "POST"])
@requires("create_ticket")
def open_for(customer_id: int) -> ResponseReturnValue:
    """A new ticket of a customer."""
    return _open(found(customers.get(customer_id), _NO_CUSTOMER))


@blueprint.get("/<int:ticket_id>")
@requires("view_ticket_list")
def detail(ticket_id: int) -> ResponseReturnValue:
    """One ticket; `answer` puts a canned answer into the comment."""
    form = CommentForm()
    answer = desk.answer(chosen_id("answer") or 0)
    if answer:
        form.body.data, form.readers.data = answer.body, "customer"
    return _page(found(queries.get(ticket_id), _NONE), form)


@blueprint.route("/<int:ticket_id>/change", methods=["GET", "POST"])
@requires("change_ticket")
def change(ticket_id: int) -> ResponseReturnValue:
    """Correct what is known of a ticket."""
    ticket = found(queries.get(ticket_id), _NONE)
    form = ChangeForm(obj=ticket, account_number=ticket.customer.account_number if ticket.customer else "",
                      nap_code=ticket.nap.code if ticket.nap else "")
    form.category_id.offer(desk.category_choices(including=ticket.category_id))
    if submit(form, lambda: verbs.change(ticket, facts=form.facts(), customer=form.customer())):
        flash(_("%(number)s is saved.", number=ticket.number), "success")
        return redirect(url_for("tickets.detail", ticket_id=ticket_id))
    return form_page("tickets/change.html", form, ticket=ticket)


@blueprint.post("/<int:ticket_id>/comment")
@requires("add_ticket_comment")
def comment(ticket_id: int) -> ResponseReturnValue:
    """Write on a ticket."""
    ticket = found(queries.get(ticket_id), _NONE)
    form = CommentForm()
    is_public = form.readers.data == "customer"
    if submit(form, lambda: verbs.comment(ticket, text=form.body.data, is_public=is_public)):
        flash(_("Your answer is sent.") if is_public else _("Your note is kept."), "success")
        return redirect(url_for("tickets.detail", ticket_id=ticket_id))
    return _page(ticket, form)


@blueprint.post("/<int:ticket_id>/files")
@requires("add_ticket_comment")
def attach(ticket_id: int) -> ResponseReturnValue:
    """Keep a file with a ticket."""
    ticket = found(queries.get(ticket_id), _NONE)
    form = FileForm()
    if submit(form, lambda: verbs.attach(ticket, content=form.file.data.read(), name=form.file.data.filename)):
        flash(_("The file is kept with the ticket."), "success")
        return redirect(url_for("tickets.detail", ticket_id=ticket_id))
    return _page(ticket, CommentForm(formdata=None), file_form=form)


@blueprint.get("/files/<int:attachment_id>")
@requires("view_ticket_list")
def file(attachment_id: int) -> Response:
    """A file of a ticket, as a download."""
    attachment = found(queries.attachment(attachment_id), _("There is no such file."))
    return download(found(files.whole(attachment.file_id)))


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: their tickets, the unresolved ones first."""
    return Markup(render_template("tickets/_of_customer.html", tickets=queries.of_customer(customer_id),
                                  customer_id=customer_id, now=current.now(), span_text=policy.span_text))


def nap_panel(nap_id: int) -> Markup:
    """Panel of a NAP's page: its unresolved tickets."""
    return Markup(render_template("tickets/_of_nap.html", tickets=queries.unresolved_at(nap_id), nap_id=nap_id,
                                  now=current.now(), span_text=policy.span_text))


def find_tickets(term: str) -> list[Hit]:
    """Source of the search box: tickets by number, subject or customer."""
    return [
        Hit(url=url_for("tickets.detail", ticket_id=row.id), title=f"{row.number} {row.subject}",
            detail=" · ".join(part for part in (row.customer_name or row.contact, row.category) if part))
        for row in queries.search(term, limit=HITS_PER_SOURCE)
    ]


def _open(customer: Customer | None) -> ResponseReturnValue:
    form = OpenForm()
    form.category_id.offer(desk.category_choices(), empty=_("Choose what it is about"))
    form.assignee_id.offer(queries.assignees(), empty=_("Nobody yet"))
    ticket = submit(form, lambda: verbs.open_ticket(
        form.facts(), customer=customer, assignee_id=form.assignee_id.data
    ))
    if ticket:
        flash(_("%(number)s is open.", number=ticket.number), "success")
        return redirect(url_for("tickets.detail", ticket_id=ticket.id))
    others = queries.of_customer(customer.id) if customer else []
    neighbours = queries.unresolved_at(queries.nap_of(customer.id)) if customer else []
    return form_page("tickets/open.html", form, customer=customer, others=others, neighbours=neighbours)


def _page(ticket: Ticket, form: CommentForm, *, file_form: FileForm | None = None) -> ResponseReturnValue:
    file_form = file_form or FileForm(formdata=None)
    return render_template(
        "tickets/detail.html", form=form, file_form=file_form, ticket=ticket, said=queries.said(ticket.id),
        events=queries.happened(ticket.id), attachments=queries.attachments(ticket.id), answers=desk.answers(),
        moves=policy.moves(ticket.status), sources=SOURCE_WORDS, now=current.now(), span_text=policy.span_text,
        words=policy.STATUS_WORDS, lives_at=_lives_at(ticket.customer),
        neighbours=queries.unresolved_at(ticket.nap_id, besides=ticket.id),
    ), 422 if form.errors or file_form.errors else 200


def _lives_at(customer: Customer | None) -> str:
    return areas.address(customer.street, customer.area) if customer else ""


def _choices() -> dict[str, Any]:
    """What the filters of list and board offer, and what their rows are drawn with."""
    people = [("me", _("Mine")), ("nobody", _("Unassigned")), ("somebody", _("Assigned")), *queries.assignees()]
    return {
        "categories": [("", _("Any category")), *((row.id, row.name) for row in desk.categories())],
        "priorities": choices_of(Priority, empty=_("Any priority")), "people": [("", _("Anybody")), *people],
        "now": current.now(), "span_text": policy.span_text,
        "areas": areas.place_choices(request.args.get("area", "")),
    }


def _filters() -> TicketFilter:
    (since, until), (resolved_since, resolved_until) = chosen_instants(), chosen_instants("resolved_")
    term, status = asked(queries.SORTS, default="newest").term, request.args.get("status")
    return TicketFilter(
        term=term, priority=chosen("priority", Priority),
        status=status if status in ("unresolved", "done") else chosen("status", TicketStatus),
        category_id=chosen_id("category"), assignee_id=_chosen_person("assignee"),
        customer_id=SOMEBODY if request.args.get("customer") == "somebody" else chosen_id("customer"),
        nap_id=chosen_id("nap"), late=request.args.get("late", ""), since=since, until=until,
        place=place_named(request.args.get("area", "")), resolved_by_id=_chosen_person("resolved_by"),
        resolved_since=resolved_since, resolved_until=resolved_until,
        was_reopened=request.args.get("reopened") == "yes",
        # A word or a number finds what was merged, too: somebody may quote it.
        is_merged=True if status == "merged" else None if term else False,
    )


def _chosen_person(name: str) -> int | None:
    match request.args.get(name):
        case "me":
            return current.actor.user_id
        case "nobody":
            return NOBODY
        case "somebody":
            return SOMEBODY
        case _:
            return chosen_id(name)


def _file_row(row: AnyRow) -> list[object]:
    return [_cell(getattr(row, column)) for column in _EXPORT_COLUMNS]


def _cell(value: object) -> object:
    return value.astimezone(current.tenant.zone).isoformat(timespec="seconds") if isinstance(value, datetime) else value
