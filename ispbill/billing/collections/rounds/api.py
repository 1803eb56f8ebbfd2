"""The rounds of collections as JSON, on their resource: what each morning did, and doing what it could not."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.collections.dunning.service import Round
from ispbill.billing.collections.overdue.api import blueprint as blueprint
from ispbill.billing.collections.rounds import queries
from ispbill.billing.collections.rounds import service as rounds
from ispbill.web.guards import requires
from ispbill.web.rest.resources import once
from ispbill.web.rest.schemas import PageQuery, page, page_of


class RoundSummary(Schema):
    """The round of a day; it runs while `completed_at` is null."""

    day = fields.Date(required=True)
    started_at = fields.AwareDateTime(required=True)
    completed_at = fields.AwareDateTime(required=True, allow_none=True)
    customer_count = fields.Integer(required=True)
    action_count = fields.Integer(required=True, metadata={"description": "Steps that were taken"})
    cut_count = fields.Integer(required=True)
    restored_count = fields.Integer(required=True)
    trouble_count = fields.Integer(required=True, metadata={
        "description": "Customers towards whom something could not be done"
    })


class RetryOutcome(Schema):
    """What trying again came to."""

    action_count = fields.Integer(attribute="actions", required=True)
    cut_count = fields.Integer(attribute="cut", required=True)
    restored_count = fields.Integer(attribute="restored", required=True)
    trouble_count = fields.Integer(attribute="troubled", required=True)


@blueprint.get("/rounds")
@requires("view_collections")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(RoundSummary))
def index_of_rounds(query: dict[str, Any]) -> dict[str, Any]:
    """List the rounds, the newest first."""
    return page(queries.listing(), queries.NEWEST_FIRST, query, item=lambda row: row.CollectionDay)


@blueprint.post("/rounds/retry")
@requires("suspend_service")
@once()
@blueprint.response(200, RetryOutcome)
def retry() -> Round:
    """Do now what the rounds could not, for at most 200 customers."""
    return rounds.retry()
