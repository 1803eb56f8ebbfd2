"""Billing runs as JSON: list, start, approve, hold, discard, and how far each is, with what it parked and left out."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.runs import queries, service
from ispbill.billing.runs.coverage import queries as coverage
from ispbill.billing.runs.models import BillingRun, RunStatus
from ispbill.core.i18n import gettext as _
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits
from ispbill.web.rest.resources import PREFIX, once, resource
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of

blueprint = resource("billing_runs", address=f"{PREFIX}/billing-runs",
                     description="The billing of everything due by a day; one run a day.")
_MOST_SHOWN = 500


class StartBody(Body):
    """Which day is to be billed. Whoever may not approve leaves `approve` out; the run then waits."""

    billing_on = Day(required=True)
    approve = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class RunSummary(Schema):
    """A run in a list."""

    id = Identifier(required=True)
    billing_on = fields.Date(required=True)
    status = Choice(RunStatus, required=True)
    requested_by = fields.String(required=True)
    approved_by = fields.String(required=True, allow_none=True)
    held_by = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    completed_at = fields.AwareDateTime(required=True, allow_none=True)
    invoice_count = fields.Integer(required=True)
    total_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    parked_count = fields.Integer(required=True)


class Fate(Schema):
    """How many services a run billed, or left out for one reason."""

    fate = Choice(tuple(coverage.FATES), required=True)
    count = fields.Integer(required=True)


class Unexplained(Schema):
    """A service that was neither billed nor left out for a named reason."""

    subscription_id = Identifier(attribute="id", required=True)
    account_number = fields.String(required=True)


class RunDetail(RunSummary):
    """A run with its progress; once it is through, what became of every service."""

    subscription_count = fields.Integer(required=True)
    line_count = fields.Integer(required=True)
    chunk_count = fields.Integer(required=True)
    pending_chunk_count = fields.Integer(required=True, metadata={"description": "Chunks that are still to be billed"})
    coverage = fields.List(fields.Nested(Fate), required=True)
    unexplained = fields.List(fields.Nested(Unexplained), required=True)


class Parked(Schema):
    """A customer whom a run did not bill, with the reason."""

    customer_id = Identifier(required=True)
    account_number = fields.String(required=True)
    name = fields.String(required=True)
    reason = fields.String(required=True)
    is_unusual = fields.Boolean(required=True, metadata={"description": "Only the amount is unusual; can be released"})


class ParkedList(Schema):
    """Everybody whom a run parked."""

    items = fields.List(fields.Nested(Parked), required=True)


@blueprint.get("")
@requires("view_billing_run")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(RunSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List runs, the newest day first."""
    return page(queries.listing(), queries.NEWEST_FIRST, query, item=lambda row: _summary(
        row.BillingRun, invoices=row.invoices, total_minor=row.total_minor, parked=row.parked))


@blueprint.post("")
@requires("start_billing_run")
@once()
@blueprint.arguments(StartBody)
@blueprint.response(201, RunDetail)
def start(body: dict[str, Any]) -> dict[str, Any]:
    """Open the run of a day; workers bill it once it is approved."""
    return _detail(service.start(body["billing_on"], approved=body["approve"]))


@blueprint.get("/<int:run_id>")
@requires("view_billing_run")
@blueprint.response(200, RunDetail)
def detail(run_id: int) -> dict[str, Any]:
    """Get a run: how far it is, what it came to, what became of every service."""
    return _detail(_run(run_id))


@blueprint.get("/<int:run_id>/parked")
@requires("view_billing_run")
@blueprint.response(200, ParkedList)
def parked(run_id: int) -> dict[str, Any]:
    """List the customers a run parked, with the reasons."""
    return {"items": queries.exceptions_of(_run(run_id).id)}


@blueprint.post("/<int:run_id>/approve")
@requires("approve_billing_run")
@once()
@blueprint.response(200, RunDetail)
def approve(run_id: int) -> dict[str, Any]:
    """Let a run that waits bill."""
    run = _run(run_id)
    service.approve(run)
    return _detail(run)


@blueprint.post("/<int:run_id>/hold")
@requires("approve_billing_run")
@once()
@blueprint.response(200, RunDetail)
def hold(run_id: int) -> dict[str, Any]:
    """Keep a run that waits from being approved by the clock."""
    run = _run(run_id)
    service.hold(run)
    return _detail(run)


@blueprint.post("/<int:run_id>/discard")
@requires("approve_billing_run")
@once()
@blueprint.response(204)
def discard(run_id: int) -> None:
    """Take away a run that waits and whose day is still to come, as if it had never been opened."""
    service.discard(_run(run_id))


@blueprint.post("/<int:run_id>/again")
@requires("approve_billing_run")
@once()
@blueprint.response(200, RunDetail)
def again(run_id: int) -> dict[str, Any]:
    """Bill what is due for the run's day and not billed yet: above all what was parked."""
    return _detail(service.start(_run(run_id).billing_on, approved=True))


@blueprint.post("/<int:run_id>/parked/<int:customer_id>/release")
@requires("approve_billing_run")
@once()
@blueprint.response(200, RunDetail)
def release(run_id: int, customer_id: int) -> dict[str, Any]:
    """Bill a customer although the amount is unusual."""
    run = _run(run_id)
    service.release(run, customer_id=customer_id)
    return _detail(run)


def _run(run_id: int) -> BillingRun:
    run: BillingRun = found(queries.detail(run_id), _("There is no such billing run."))
    return run


def _summary(run: BillingRun, *, invoices: int, total_minor: int, parked: int) -> dict[str, Any]:
    own = ("id", "billing_on", "status", "requested_by", "approved_by", "held_by", "created_at", "completed_at")
    return {**{name: getattr(run, name) for name in own}, "invoice_count": invoices, "total_minor": total_minor,
            "parked_count": parked}


def _detail(run: BillingRun) -> dict[str, Any]:
    totals = queries.run_totals(run.id)
    summary = _summary(run, invoices=totals.invoices, total_minor=totals.total_minor,
                       parked=len(queries.exceptions_of(run.id)))
    return {
        **summary, "subscription_count": totals.subscriptions, "line_count": totals.lines,
        "chunk_count": totals.chunks, "pending_chunk_count": totals.pending,
        "coverage": [{"fate": fate, "count": count} for fate, count in (run.coverage or {}).items()],
        "unexplained": coverage.unexplained(run, limit=_MOST_SHOWN) if run.status == RunStatus.INCOMPLETE else [],
    }
