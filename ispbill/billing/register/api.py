"""The register of numbers as JSON, on the resource of the ledger: what each number of a series was used for."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.ledger.api import blueprint as blueprint
from ispbill.billing.register import queries
from ispbill.billing.register.queries import Wanted
from ispbill.company.models import SeriesKind
from ispbill.core.money import LARGEST_MINOR
from ispbill.web.guards import requires
from ispbill.web.rest.fields import Choice, Currency, Day, MinorUnits
from ispbill.web.rest.schemas import PageQuery, page, page_of

_KINDS = tuple(kind.value for kind in SeriesKind if kind != SeriesKind.CUSTOMER)


class RegisterQuery(PageQuery):
    """Which series, of which days (both included), and whether only what was taken back."""

    kind = Choice(_KINDS, load_default=SeriesKind.INVOICE.value)
    since = Day(load_default=None)
    until = Day(load_default=None)
    state = Choice(("taken_back",), load_default=None)


class UsedNumber(Schema):
    """A number, what it was used for, and when and why that was taken back."""

    number = fields.String(required=True)
    used_on = fields.Date(required=True)
    account_number = fields.String(required=True)
    amount_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    currency = Currency(required=True)
    status = fields.String(required=True)
    taken_back_on = fields.Date(attribute="ended_on", required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


@blueprint.get("/numbers")
@requires("view_ledger")
@blueprint.arguments(RegisterQuery, location="query")
@blueprint.response(200, page_of(UsedNumber))
def numbers(query: dict[str, Any]) -> dict[str, Any]:
    """List the numbers of a series, the newest first."""
    register = queries.register(Wanted(
        kind=SeriesKind(query["kind"]), since=query["since"], until=query["until"],
        taken_back=query["state"] is not None,
    ))
    return page(register.rows, register.newest_first, query)
