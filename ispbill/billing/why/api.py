"""Why, as JSON: the steps that lead to a line of a document, or to a suspension."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.why import queries
from ispbill.billing.why.lines import queries as lines
from ispbill.billing.why.policy import Kind, Topic
from ispbill.billing.why.suspensions import queries as suspensions
from ispbill.core.i18n import gettext as _
from ispbill.customers import queries as customers
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Identifier
from ispbill.web.rest.resources import PREFIX, resource

blueprint = resource("why", address=PREFIX, description="Why a line is charged, why a customer is suspended.")


class TraceFact(Schema):
    """Something that is on record, in words, and the row it stands in."""

    label = fields.String(required=True)
    value = fields.String(required=True)
    kind = Choice(Kind, required=True, allow_none=True)
    id = Identifier(required=True, allow_none=True)


class TraceStep(Schema):
    """One step of the reasoning, in the order in which they follow from each other."""

    topic = Choice(Topic, required=True)
    title = fields.String(required=True)
    facts = fields.List(fields.Nested(TraceFact), required=True)


class Trace(Schema):
    """Why something is what it is."""

    steps = fields.List(fields.Nested(TraceStep), required=True)


@blueprint.get("/invoices/lines/<int:line_id>/why")
@requires("view_invoice_list")
@blueprint.response(200, Trace)
def line(line_id: int) -> dict[str, Any]:
    """Get why a line of a document is what it is."""
    return {"steps": queries.of_line(found(lines.line(line_id), _("There is no such line.")))}


@blueprint.get("/customers/<int:customer_id>/suspension")
@requires("view_collections")
@blueprint.response(200, Trace)
def suspension_of(customer_id: int) -> dict[str, Any]:
    """Get why a customer is suspended now, whoever did it; 404 where they are not."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    return {"steps": found(queries.of_customer(customer), _("This customer is not suspended."))}


@blueprint.get("/suspensions/<int:cutoff_id>/why")
@requires("view_collections")
@blueprint.response(200, Trace)
def suspension(cutoff_id: int) -> dict[str, Any]:
    """Get why collections cut a customer off, and what ended it."""
    return {"steps": queries.of_suspension(found(suspensions.cutoff(cutoff_id), _("There is no such suspension.")))}
