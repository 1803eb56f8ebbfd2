"""What a run for a day would bill, as JSON, on the resource of the runs. Nothing of the day is written."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.runs.api import blueprint as blueprint
from ispbill.billing.runs.preview import service as previews
from ispbill.billing.runs.preview.models import RunPreview
from ispbill.billing.runs.preview.policy import Cause
from ispbill.core.money import LARGEST_MINOR
from ispbill.web.guards import requires
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits
from ispbill.web.rest.resources import once
from ispbill.web.rest.schemas import Body


class DayQuery(Body):
    """Which day."""

    day = Day(required=True)


class Difference(Schema):
    """By how much one cause makes the bills higher, or lower, than the last ones."""

    cause = Choice(Cause, required=True)
    amount_minor = MinorUnits(least=-LARGEST_MINOR, required=True)


class WouldBePark(Schema):
    """A customer whom the run would park."""

    customer_id = Identifier(required=True)
    reason = fields.String(required=True)


class RunPreviewDetail(Schema):
    """What a run for the day would come to."""

    day = fields.Date(required=True)
    subscription_count = fields.Integer(attribute="outcome.subscriptions", required=True)
    invoice_count = fields.Integer(attribute="outcome.invoices", required=True)
    line_count = fields.Integer(attribute="outcome.lines", required=True)
    total_minor = MinorUnits(attribute="outcome.total_minor", required=True)
    currency = Currency(required=True)
    differences = fields.List(fields.Nested(Difference), required=True)
    parked = fields.List(fields.Nested(WouldBePark), required=True)


class PreviewOrder(Schema):
    """A preview that is kept; `made_at` is null while jobs make it."""

    day = fields.Date(attribute="billing_on", required=True)
    ordered_by = fields.String(required=True)
    ordered_at = fields.AwareDateTime(required=True)
    made_at = fields.AwareDateTime(required=True, allow_none=True)


class BillDifference(Schema):
    """What a customer would be billed, and why that differs from their last bill."""

    customer_id = Identifier(required=True)
    total_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    currency = Currency(required=True)
    differences = fields.List(fields.Nested(Difference), required=True)


class BillDifferences(Schema):
    """Every customer's."""

    items = fields.List(fields.Nested(BillDifference), required=True)


@blueprint.get("/preview")
@requires("view_billing_run")
@blueprint.arguments(DayQuery, location="query")
@blueprint.response(200, RunPreviewDetail)
def preview(query: dict[str, Any]) -> dict[str, Any]:
    """Get what a run for a day would bill and park. That of a large day is ordered first: until it is made, 409."""
    outcome = previews.seen(query["day"])
    return {"day": query["day"], "outcome": outcome, "differences": _differences(outcome.causes),
            "parked": [{"customer_id": key, "reason": reason} for key, reason in outcome.parked.items()]}


@blueprint.get("/preview/customers")
@requires("view_billing_run")
@blueprint.arguments(DayQuery, location="query")
@blueprint.response(200, BillDifferences)
def preview_of_customers(query: dict[str, Any]) -> dict[str, Any]:
    """List what a run for a day would bill each customer, and why that differs from the last bill."""
    return {"items": [
        {"customer_id": bill.customer_id, "total_minor": bill.total_minor, "differences": _differences(bill.causes)}
        for bill in previews.seen_bills(query["day"])
    ]}


@blueprint.post("/preview")
@requires("start_billing_run")
@once()
@blueprint.arguments(DayQuery)
@blueprint.response(202, PreviewOrder)
def order(body: dict[str, Any]) -> RunPreview:
    """Have the preview of a large day made, or made anew."""
    return previews.order(body["day"])


def _differences(causes: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"cause": cause, "amount_minor": minor} for cause, minor in causes.items()]
