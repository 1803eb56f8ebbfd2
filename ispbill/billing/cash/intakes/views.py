"""The pages of cash that is brought in: the list, a new one, cancelling."""
from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.cash import queries as drawers
from ispbill.billing.cash.blueprint import blueprint
from ispbill.billing.cash.intakes import queries, service
from ispbill.billing.cash.intakes.forms import CancelForm, IntakeForm
from ispbill.billing.cash.models import ORIGIN_LABELS, CashIntake, CashOrigin, SlipStatus
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money, to_major
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_day
from ispbill.web.requests import found

_SORTS = {"came": queries.NEWEST_FIRST}
_EXPORT_HEADER = ("came_on", "origin", "reference", "amount", "currency", "status", "recorded_by", "note")
_MOST_EXPORTED = 50_000


@blueprint.get("/intakes")
@requires("close_cash_session")
def intakes() -> ResponseReturnValue:
    """The newest first, and what lies in the office."""
    page = paginate(_listing(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("cash/intakes.html", page=page, office_minor=drawers.office_minor(), origins=ORIGIN_LABELS)


@blueprint.get("/intakes/export")
@requires("close_cash_session")
def export_intakes() -> Response:
    """The list as a file, amounts in major units."""
    newest = _listing().order_by(CashIntake.came_on.desc(), CashIntake.id.desc()).limit(_MOST_EXPORTED)
    return csv_response("cash-brought-in", _EXPORT_HEADER, map(_cells, db.session.execute(newest)))


@blueprint.route("/intakes/record", methods=["GET", "POST"])
@requires("close_cash_session")
def record_intake() -> ResponseReturnValue:
    """Record cash that came into the office."""
    form = IntakeForm()
    made = submit(form, lambda: service.bring_in(form.facts))
    if made:
        flash(_("%(amount)s lies in the office.", amount=format_money(made.amount_minor, current.tenant.currency)),
              "success")
        return redirect(url_for(".intakes"))
    return form_page("cash/record_intake.html", form, office_minor=drawers.office_minor())


@blueprint.route("/intakes/<int:intake_id>/cancel", methods=["GET", "POST"])
@requires("close_cash_session")
def cancel_intake(intake_id: int) -> ResponseReturnValue:
    """Ask, then take back what never came."""
    row, form = found(queries.get(intake_id), _("There is no such record of cash brought in.")), CancelForm()
    if submit(form, lambda: service.cancel(row, reason=form.reason.data)):
        flash(_("It is cancelled."), "success")
        return redirect(url_for(".intakes"))
    amount = format_money(row.amount_minor, current.tenant.currency)
    return form_page(
        "confirm.html", form, title=_("Cancel the %(amount)s that were brought in?", amount=amount),
        confirm_label=_("Cancel record"), cancel_label=_("Keep it"),
        text=_("It stays in the list as cancelled, and the cash lies in the office no longer."),
        cancel_url=url_for(".intakes"),
    )


def _listing() -> AnySelect:
    return queries.listing(
        term=asked(_SORTS, default="came").term, origin=chosen("origin", CashOrigin) or "",
        status=chosen("status", SlipStatus) or "", since=chosen_day("since"), until=chosen_day("until"),
    )


def _cells(row: Any) -> tuple[object, ...]:
    intake, currency = row.CashIntake, current.tenant.currency
    return (intake.came_on, intake.origin, intake.reference, to_major(intake.amount_minor, currency), currency,
            intake.status, intake.recorded_by, intake.note)
