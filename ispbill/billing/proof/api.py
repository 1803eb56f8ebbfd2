"""Proofs of the books as JSON, on the resource of the ledger."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.ledger.api import blueprint as blueprint
from ispbill.billing.proof import jobs, queries
from ispbill.billing.proof.models import BooksCheck
from ispbill.billing.proof.policy import TITLES
from ispbill.core.i18n import gettext as _
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Identifier
from ispbill.web.rest.resources import once
from ispbill.web.rest.schemas import PageQuery, page, page_of


class ProofSummary(Schema):
    """When the books were proved, and how many rows broke something."""

    id = Identifier(required=True)
    checked_on = fields.Date(required=True)
    checked_at = fields.AwareDateTime(required=True)
    checked_by = fields.String(required=True)
    finding_count = fields.Integer(required=True)


class Finding(Schema):
    """How many rows break one invariant."""

    code = Choice(tuple(TITLES), required=True)
    title = fields.Function(lambda result: str(TITLES.get(result["code"], result["code"])), required=True,
                            metadata={"type": "string"})
    count = fields.Integer(required=True)


class ProofDetail(ProofSummary):
    """A proof with every invariant."""

    results = fields.List(fields.Nested(Finding), required=True)


class Asked(Schema):
    """A worker does it; the newest proof of the list is the answer."""

    status = Choice(("queued",), required=True)


@blueprint.get("/checks")
@requires("view_ledger")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(ProofSummary))
def checks(query: dict[str, Any]) -> dict[str, Any]:
    """List the proofs of the books, the newest first."""
    return page(queries.history(), queries.NEWEST_FIRST, query, item=lambda row: row.BooksCheck)


@blueprint.get("/checks/<int:check_id>")
@requires("view_ledger")
@blueprint.response(200, ProofDetail)
def check(check_id: int) -> BooksCheck:
    """Get a proof with what became of every invariant."""
    return found(queries.get(check_id), _("There is no such check."))


@blueprint.post("/checks")
@requires("close_accounting_period")
@once()
@blueprint.response(202, Asked)
def prove() -> dict[str, str]:
    """Have the books proved now."""
    jobs.check_now.later()
    return {"status": "queued"}
