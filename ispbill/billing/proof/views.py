"""Pages of the proof: what must hold, what the newest proof found, and the earlier ones."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.proof import jobs, queries
from ispbill.billing.proof.models import BooksCheck
from ispbill.billing.proof.policy import INVARIANTS
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("proof", __name__, url_prefix="/ledger/checks", template_folder="templates")
_MOST_EXPORTED = 2_000


@blueprint.get("")
@requires("view_ledger")
def index() -> ResponseReturnValue:
    """What must hold with what the newest proof found, and every proof before."""
    page = paginate(queries.history(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("proof/index.html", page=page, check=queries.newest(), invariants=INVARIANTS)


@blueprint.get("/export")
@requires("view_ledger")
def export() -> Response:
    """Every proof as a file, one row for each invariant, the newest first."""
    header = ("checked_at", "checked_by", "invariant", "findings")
    checks = db.session.scalars(queries.history().order_by(BooksCheck.id.desc()).limit(_MOST_EXPORTED))
    return csv_response("books-checks", header, (
        (check.checked_at, check.checked_by, result["code"], result["count"])
        for check in checks for result in check.results
    ))


@blueprint.get("/<int:check_id>")
@requires("view_ledger")
def detail(check_id: int) -> ResponseReturnValue:
    """One proof with what it found."""
    check = found(queries.get(check_id), _("There is no such check."))
    return render_template("proof/detail.html", check=check, invariants=INVARIANTS)


@blueprint.post("/run")
@requires("close_accounting_period")
def run() -> ResponseReturnValue:
    """Prove the books now; a worker does it."""
    jobs.check_now.later()
    flash(_("The books are being checked. The result stands here in a moment."), "info")
    return redirect(url_for("proof.index"))


def dashboard_panel(_subject_id: int) -> Markup:
    """Panel of the dashboard: that the books have findings; nothing while they are clean."""
    check = queries.newest()
    if check is None or check.is_clean:
        return Markup()
    return Markup(render_template("proof/_on_dashboard.html", check=check))
