"""Who is exempt from taxes and who withholds, as JSON."""
from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.taxes import queries
from ispbill.billing.taxes import service as verbs
from ispbill.billing.taxes.models import TaxExemption, TaxWithholding
from ispbill.billing.taxes.queries import ExemptionFilter
from ispbill.billing.taxes.service import ExemptionFacts
from ispbill.catalogue.taxes.policy import tax_percent
from ispbill.core.current import current
from ispbill.customers import queries as customers
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Day, DecimalText, Identifier, Text
from ispbill.web.rest.resources import once, referred, resource
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of

blueprint = resource("tax-exemptions",
                     description="Customers who are billed without a tax, for a reason that invoices print.")
withholding_blueprint = resource("withholdings",
                                 description="Customers who keep a part of their bills back as tax, and prove it.")


class ExemptionState(StrEnum):
    """Whether an exemption counts, or its certificate ends soon."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    ENDED = "ended"


class ExemptionQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Name, phone or account number of the customer"})
    state = Choice(ExemptionState, load_default=None)


class ExemptionBody(Body):
    """A customer, a tax (all taxes where it is not sent), the reason, and the days; the end is not part of them."""

    customer_id = Identifier(required=True)
    tax_rate_id = Identifier(load_default=None, allow_none=True)
    reason = Text(least=1, required=True)
    certificate = Text(load_default="")
    starts_on = Day(required=True)
    ends_on = Day(load_default=None, allow_none=True)


class WithholdingBody(Body):
    """A customer, the share of each bill's net, and the days; the end is not part of them."""

    customer_id = Identifier(required=True)
    rate_percent = DecimalText(required=True)
    starts_on = Day(required=True)
    ends_on = Day(load_default=None, allow_none=True)


class RuleEndBody(Body):
    """The first day on which it does not count."""

    on = Day(required=True)


class TaxExemptionRow(Schema):
    """An exemption; all taxes where `tax_rate_id` is null."""

    id = Identifier(required=True)
    customer_id = Identifier(required=True)
    tax_rate_id = Identifier(required=True, allow_none=True)
    reason = fields.String(required=True)
    certificate = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)


class WithholdingRule(Schema):
    """What a customer is expected to keep back."""

    id = Identifier(required=True)
    customer_id = Identifier(required=True)
    rate_percent = DecimalText(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)


@blueprint.get("")
@requires("view_invoice_list")
@blueprint.arguments(ExemptionQuery, location="query")
@blueprint.response(200, page_of(TaxExemptionRow))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List exemptions, the newest first."""
    wanted = ExemptionFilter(today=current.today(), term=query["q"], state=query["state"])
    return page(queries.listing(wanted), queries.SORTS["newest"], query, item=lambda row: row.TaxExemption)


@blueprint.post("")
@requires("adjust_invoice")
@once()
@blueprint.arguments(ExemptionBody)
@blueprint.response(201, TaxExemptionRow)
def exempt(body: dict[str, Any]) -> TaxExemption:
    """Bill a customer without a tax."""
    customer = referred(customers.get, body.pop("customer_id"), "customer_id")
    return verbs.exempt(customer, facts=ExemptionFacts(**body))


@blueprint.post("/<int:exemption_id>/end")
@requires("adjust_invoice")
@once()
@blueprint.arguments(RuleEndBody)
@blueprint.response(200, TaxExemptionRow)
def end(body: dict[str, Any], exemption_id: int) -> TaxExemption:
    """Bill with the tax again what begins on a day or later."""
    return verbs.end(found(queries.get(exemption_id)), on=body["on"])


@withholding_blueprint.post("")
@requires("adjust_invoice")
@once()
@withholding_blueprint.arguments(WithholdingBody)
@withholding_blueprint.response(201, WithholdingRule)
def withhold(body: dict[str, Any]) -> TaxWithholding:
    """Expect a customer to keep a part of each bill back."""
    customer = referred(customers.get, body.pop("customer_id"), "customer_id")
    return verbs.withhold(customer, **{**body, "rate_percent": tax_percent(str(body["rate_percent"]))})


@withholding_blueprint.post("/<int:withholding_id>/end")
@requires("adjust_invoice")
@once()
@withholding_blueprint.arguments(RuleEndBody)
@withholding_blueprint.response(200, WithholdingRule)
def end_withholding(body: dict[str, Any], withholding_id: int) -> TaxWithholding:
    """Expect a customer to pay in full what is billed from a day on."""
    return verbs.end_withholding(found(queries.get_withholding(withholding_id)), on=body["on"])
