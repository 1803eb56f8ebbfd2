"""The pages of billing runs: look before billing, start, approve, discard, watch, and bill again what was parked."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ispbill.billing.runs import queries, service
from ispbill.billing.runs.coverage import queries as coverage
from ispbill.billing.runs.forms import DayForm, DecisionForm, PreviewForm, StartForm
from ispbill.billing.runs.models import BillingRun, RunStatus
from ispbill.billing.runs.preview import queries as kept_previews
from ispbill.billing.runs.preview import service as previews
from ispbill.billing.runs.preview.policy import CAUSE_LABELS, Bill, Cause, Preview
from ispbill.company import service as company
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money, to_major
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, refuse, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("runs", __name__, url_prefix="/billing/runs", template_folder="templates")
# Longer lists of what was left out are read as a file.
MOST_SHOWN = 100


@blueprint.get("")
@requires("view_billing_run")
def index() -> ResponseReturnValue:
    """The newest runs first."""
    page = paginate(queries.listing(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("runs/index.html", page=page)


@blueprint.get("/export")
@requires("view_billing_run")
def export() -> Response:
    """All runs as a file."""
    rows = db.session.execute(queries.listing().order_by(BillingRun.billing_on.desc()))
    header = ("billing_on", "status", "invoices", "total", "currency", "parked", "requested_by", "approved_by")
    return csv_response("billing-runs", header, map(_cells, rows))


@blueprint.get("/prepare")
@requires("view_billing_run")
def prepare() -> ResponseReturnValue:
    """What a run for a day would bill, park and leave out. Nothing is written."""
    form = DayForm(MultiDict({"day": request.args.get("day", current.today().isoformat())}))
    form.validate()
    return _prepare_page(form)


@blueprint.get("/prepare/export")
@requires("view_billing_run")
def export_differences() -> Response:
    """What a day would bill each customer, and why that differs from the last bill, as a file."""
    form = DayForm(MultiDict({"day": request.args.get("day", "")}))
    if not form.validate() or form.day.data is None:
        raise Invalid(_("Choose a day."), field="day")
    header = ("account_number", "customer", "amount", "currency", *Cause)
    return csv_response(f"differences-{form.day.data}", header, _difference_cells(previews.seen_bills(form.day.data)))


@blueprint.post("/previews")
@requires("start_billing_run")
def order_preview() -> ResponseReturnValue:
    """Have the preview of a large day made, or made anew."""
    form = PreviewForm()
    if submit(form, lambda: previews.order(form.day.data)):
        return redirect(url_for(".prepare", day=form.day.data.isoformat()))
    day_form = DayForm(MultiDict({"day": request.form.get("day", "")}))
    day_form.validate()
    return _prepare_page(day_form)


@blueprint.post("")
@requires("start_billing_run")
def start() -> ResponseReturnValue:
    """Open the run of a day: at once for who may approve, else it waits."""
    form = StartForm()
    run = submit(form, lambda: service.start(form.billing_on.data, approved=form.approve.data))
    if run:
        flash(_("The run has started.") if run.approved_by else _("The run waits for approval."), "success")
        return redirect(url_for(".detail", run_id=run.id))
    day_form = DayForm(MultiDict({"day": request.form.get("billing_on", "")}))
    day_form.validate()
    day_form.form_errors += [*form.form_errors, *form.billing_on.errors]
    return _prepare_page(day_form)


@blueprint.get("/<int:run_id>")
@requires("view_billing_run")
def detail(run_id: int) -> ResponseReturnValue:
    """One run: how far it is, what it came to, whom it parked."""
    run = _run(run_id)
    is_running = run.status == RunStatus.RUNNING
    return render_template(
        "runs/detail.html", run=run, totals=queries.run_totals(run_id), parked=queries.exceptions_of(run_id),
        left_out=[] if is_running else queries.not_billed(run.billing_on), is_running=is_running,
        most_shown=MOST_SHOWN, today=current.today(), hours=company.settings().approve_after_hours,
        auto_issue=company.settings().auto_issue, why_not_yet=service.why_not_yet(run.billing_on),
        covered=[(label, f"{(run.coverage or {}).get(fate):,}") for fate, label in coverage.FATES.items()
                 if (run.coverage or {}).get(fate)],
        unexplained=coverage.unexplained(run, limit=MOST_SHOWN)
        if run.status == RunStatus.INCOMPLETE else [],
    )


@blueprint.get("/<int:run_id>/parked/export")
@requires("view_billing_run")
def export_parked(run_id: int) -> Response:
    """The customers a run parked, as a file."""
    run = _run(run_id)
    rows = ((row.account_number, row.name, row.reason) for row in queries.exceptions_of(run_id))
    return csv_response(f"parked-{run.billing_on}", ("account_number", "customer", "reason"), rows)


@blueprint.post("/<int:run_id>/approve")
@requires("approve_billing_run")
def approve(run_id: int) -> ResponseReturnValue:
    """Let a run that waits bill."""
    run = _run(run_id)
    return _decide(run, lambda: service.approve(run), said=_("The run is approved and has started."))


@blueprint.post("/<int:run_id>/hold")
@requires("approve_billing_run")
def hold(run_id: int) -> ResponseReturnValue:
    """Keep a run that waits from being approved by the clock."""
    run = _run(run_id)
    return _decide(run, lambda: service.hold(run), said=_("The run waits until somebody approves it."))


@blueprint.route("/<int:run_id>/discard", methods=["GET", "POST"])
@requires("approve_billing_run")
def discard(run_id: int) -> ResponseReturnValue:
    """Take away a run that waits and whose day is still to come."""
    run, form = _run(run_id), DecisionForm()
    day = formats.short_date(run.billing_on)
    if submit(form, lambda: service.discard(run)):
        flash(_("The billing run of %(day)s is discarded.", day=day), "success")
        return redirect(url_for(".index"))
    return form_page(
        "confirm.html", form, title=_("Discard the billing run of %(day)s?", day=day), confirm_label=_("Discard run"),
        text=_("Nothing was billed by it. The day is billed when it comes, or when somebody starts its run again."),
        cancel_url=url_for(".detail", run_id=run_id),
    )


@blueprint.post("/<int:run_id>/parked/<int:customer_id>/release")
@requires("approve_billing_run")
def release(run_id: int, customer_id: int) -> ResponseReturnValue:
    """Bill a customer although the amount is unusual."""
    run = _run(run_id)
    return _decide(run, lambda: service.release(run, customer_id=customer_id), said=_("The customer is being billed."))


@blueprint.post("/<int:run_id>/again")
@requires("approve_billing_run")
def again(run_id: int) -> ResponseReturnValue:
    """Bill what is due for the run's day and not billed yet: above all what was parked."""
    run = _run(run_id)
    return _decide(run, lambda: service.start(run.billing_on, approved=True),
                   said=_("Everything left is being billed."))


def _decide(run: BillingRun, verb: Callable[[], object], *, said: str) -> ResponseReturnValue:
    form = DecisionForm()
    if submit(form, lambda: verb() or run):
        flash(said, "success")
    for refusal in form.form_errors:
        flash(refusal, "error")
    return redirect(url_for(".detail", run_id=run.id))


def _prepare_page(form: DayForm) -> ResponseReturnValue:
    day = form.day.data
    if day and (day - current.today()).days > service.FURTHEST_AHEAD_DAYS:
        refuse(form, Invalid(_("Choose a day within the next %(furthest_ahead_days)s days.",
                               furthest_ahead_days=service.FURTHEST_AHEAD_DAYS), field="day"))
    seen = _seen(day) if day and not form.errors else {"outcome": None}
    return form_page("runs/prepare.html", form, day=day, today=current.today(), most_shown=MOST_SHOWN, **seen)


def _seen(day: date) -> dict[str, Any]:
    """What is known of a day: at once where that is quick; else the preview that is kept, or how far it is."""
    known: dict[str, Any] = {"run": queries.of_day(day), "is_large": queries.is_large(day, more_than=previews.AT_ONCE),
                             "why_not_yet": service.why_not_yet(day)}
    if not known["is_large"]:
        return known | _sums(previews.preview(day), day)
    kept = known["kept"] = kept_previews.of_day(day)
    if kept is None or kept.made_at is None:
        return known | {"outcome": None, "progress": kept and kept_previews.progress(kept.id)}
    return known | _sums(kept_previews.kept(kept.id), day)


def _sums(outcome: Preview, day: date) -> dict[str, Any]:
    return {
        "outcome": outcome, "differences": _by_cause(outcome.causes),
        "already_billed": queries.billed_ahead_count(day), "left_out": queries.not_billed(day),
        "parked": queries.named(outcome.parked.keys()),
    }


def _by_cause(causes: Mapping[str, int]) -> list[tuple[str, str]]:
    currency = current.tenant.currency
    return [(CAUSE_LABELS[cause], f"{'+' if minor > 0 else ''}{format_money(minor, currency)}")
            for cause, minor in sorted(causes.items(), key=lambda entry: -abs(entry[1]))]


def _difference_cells(bills: Iterable[Bill]) -> Iterator[tuple[object, ...]]:
    found = list(bills)
    names = {row.id: row for row in queries.named([bill.customer_id for bill in found])}
    currency = current.tenant.currency
    for key, total_minor, causes in found:
        amounts = (to_major(causes.get(cause, 0), currency) for cause in Cause)
        yield names[key].account_number, names[key].name, to_major(total_minor, currency), currency, *amounts


def _run(run_id: int) -> BillingRun:
    run: BillingRun = found(queries.detail(run_id), _("There is no such billing run."))
    return run


def _cells(row: Any) -> tuple[object, ...]:
    run, currency = row.BillingRun, current.tenant.currency
    return (run.billing_on, run.status, row.invoices, to_major(row.total_minor, currency), currency, row.parked,
            run.requested_by, run.approved_by)
