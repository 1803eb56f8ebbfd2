"""The pages of drawers: what there is to do, the list, one drawer, its count and its taking over.

Importing the views of hand-overs, deposits and cash brought in puts them on the same blueprint.
"""
from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.cash import queries, service
from ispbill.billing.cash.blueprint import blueprint
from ispbill.billing.cash.deposits import views as deposits
from ispbill.billing.cash.forms import OpenForm, PiecesForm, RulesForm, TakeOverForm, with_pieces
from ispbill.billing.cash.handovers import queries as waiting
from ispbill.billing.cash.handovers import service as handovers
from ispbill.billing.cash.handovers import views as handing
from ispbill.billing.cash.intakes import views as intakes
from ispbill.billing.cash.models import MOVEMENT_LABELS, CashSession, CashSessionStatus
from ispbill.billing.cash.movements import queries as movements
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money, to_major
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found

__all__ = ["blueprint", "deposits", "handing", "intakes"]
_SORTS = {"opened": queries.NEWEST_FIRST}
_EXPORT_HEADER = ("holder", "opened_at", "status", "counted_at", "expected", "counted", "difference", "currency",
                  "explanation", "closed_by", "closed_at")
_MOST_EXPORTED = 50_000
_NONE = lazy("There is no such drawer.")


@blueprint.get("")
@requires("open_cash_session")
def index() -> ResponseReturnValue:
    """One's own drawer, what waits for one's signature, and the drawers one may see."""
    page = paginate(_listing(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    own = queries.live_of(current.actor.user_id or 0)
    may_sign = current.actor.may("close_cash_session")
    return render_template(
        "cash/index.html", page=page, own=own, held_minor=queries.held_minor(own.id) if own else 0,
        office_minor=queries.office_minor() if may_sign else None, waiting=waiting.to_sign(own),
        counted=queries.to_take_over(current.actor.user_id) if may_sign else [],
    )


@blueprint.get("/export")
@requires("open_cash_session")
def export() -> Response:
    """The list as a file, amounts in major units."""
    newest = _listing().order_by(CashSession.opened_at.desc(), CashSession.id.desc()).limit(_MOST_EXPORTED)
    return csv_response("cash-drawers", _EXPORT_HEADER, map(_cells, db.session.execute(newest)))


@blueprint.route("/open", methods=["GET", "POST"])
@requires("open_cash_session")
def open_drawer() -> ResponseReturnValue:
    """Open a drawer, with or without a float."""
    form = OpenForm()
    session = submit(form, lambda: handovers.begin(float_minor=form.float_amount.data or 0))
    if session:
        flash(_("Your drawer is open."), "success")
        return redirect(url_for(".detail", drawer_id=session.id))
    return form_page("cash/open.html", form)


@blueprint.get("/drawers/<int:drawer_id>")
@requires("open_cash_session")
def detail(drawer_id: int) -> ResponseReturnValue:
    """A drawer: what is in it, what came of it, every movement."""
    session = _visible(drawer_id)
    page = paginate(movements.listing(drawer_id), movements.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template(
        "cash/detail.html", session=session, page=page, kinds=MOVEMENT_LABELS, totals=movements.totals(drawer_id),
        held_minor=queries.held_minor(drawer_id), is_own=session.holder_id == current.actor.user_id,
        waiting=waiting.of_drawer(drawer_id), signable=_signable(),
    )


@blueprint.route("/drawers/<int:drawer_id>/count", methods=["GET", "POST"])
@requires("open_cash_session")
def count(drawer_id: int) -> ResponseReturnValue:
    """Count one's drawer piece by piece, without being told what should be there."""
    session, form = _visible(drawer_id), with_pieces(PiecesForm)
    if submit(form, lambda: service.count(session, form.denominations)):
        flash(_("%(amount)s counted. Another person takes it over now.",
                amount=format_money(session.counted_minor or 0, current.tenant.currency)), "success")
        return redirect(url_for(".detail", drawer_id=drawer_id))
    return form_page("cash/count.html", form, session=session)


@blueprint.route("/drawers/<int:drawer_id>/recount", methods=["GET", "POST"])
@requires("open_cash_session")
def recount(drawer_id: int) -> ResponseReturnValue:
    """Ask, then forget the count."""
    session, form = _visible(drawer_id), Form()
    if submit(form, lambda: service.recount(session)):
        flash(_("The drawer is open again."), "success")
        return redirect(url_for(".detail", drawer_id=drawer_id))
    return form_page(
        "confirm.html", form, title=_("Count again?"), confirm_label=_("Count again"), style="primary",
        text=_("The count of %(amount)s is forgotten, and cash may go in and out of the drawer.",
               amount=format_money(session.counted_minor or 0, current.tenant.currency)),
        cancel_url=url_for(".detail", drawer_id=drawer_id),
    )


@blueprint.route("/drawers/<int:drawer_id>/take-over", methods=["GET", "POST"])
@requires("close_cash_session")
def take_over(drawer_id: int) -> ResponseReturnValue:
    """Take counted cash over, and say what explains a difference."""
    session, form = _visible(drawer_id), TakeOverForm()
    if queries.live_of(current.actor.user_id or 0) in (None, session):
        form.place.choices = form.place.choices[:1]
    if submit(form, lambda: service.take_over(session, reason=form.reason.data,
                                              into_own=form.place.data == "drawer")):
        flash(_("The drawer of %(holder)s is closed.", holder=session.holder_name), "success")
        return redirect(url_for(".detail", drawer_id=drawer_id))
    expected_minor = queries.held_minor(drawer_id)
    return form_page("cash/take_over.html", form, session=session, expected_minor=expected_minor,
                     variance_minor=(session.counted_minor or 0) - expected_minor)


@blueprint.route("/rules", methods=["GET", "POST"])
@requires("change_settings")
def rules() -> ResponseReturnValue:
    """How the company handles cash."""
    form = RulesForm(obj=company.settings())
    if submit(form, lambda: company.change_cash_rules(**form.values())):
        flash(_("Saved."), "success")
        return redirect(url_for(".index"))
    return form_page("cash/rules.html", form)


def _signable() -> set[int]:
    """The hand-overs that wait for the actor's signature."""
    own = queries.live_of(current.actor.user_id or 0)
    return {row.CashHandover.id for row in waiting.to_sign(own)}


def _visible(drawer_id: int) -> CashSession:
    """A drawer that the actor may see; another's is not there for them."""
    return found(queries.visible(drawer_id), _NONE)


def _listing() -> AnySelect:
    return queries.listing(term=asked(_SORTS, default="opened").term, status=chosen("status", CashSessionStatus) or "")


def _cells(row: Any) -> tuple[object, ...]:
    session, currency = row.CashSession, current.tenant.currency
    amounts = [None if amount is None else to_major(amount, currency)
               for amount in (session.expected_minor, session.counted_minor, session.variance_minor)]
    return (session.holder_name, session.opened_at, session.status, session.counted_at, *amounts, currency,
            session.variance_reason, session.closed_by, session.closed_at)
