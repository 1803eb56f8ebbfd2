"""A customer's account as JSON: the statement between two days, and what stands behind the balance."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.statements import queries
from ispbill.billing.statements.policy import Statement, check_span
from ispbill.billing.statements.queries import Why
from ispbill.core.current import current
from ispbill.core.money import LARGEST_MINOR
from ispbill.customers import queries as customers
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Currency, Day, Identifier, MinorUnits
from ispbill.web.rest.resources import resource
from ispbill.web.rest.schemas import Body

blueprint = resource("statements", description="What a customer owes, since when, and why.")
_USUAL_DAYS = 90
_NONE = "There is no such customer."


class SpanQuery(Body):
    """From which day to which, both included; three months up to today where nothing is said."""

    since = Day(load_default=None)
    until = Day(load_default=None)


class Movement(Schema):
    """Something that happened: above zero charged, below zero paid or credited."""

    posted_on = fields.Date(required=True)
    memo = fields.String(required=True)
    source = fields.String(required=True)
    source_id = Identifier(required=True)
    amount_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    balance_minor = MinorUnits(least=-LARGEST_MINOR, required=True)


class Age(Schema):
    """What is open, by how long it has been due."""

    age = fields.Function(lambda pair: pair[0], metadata={"type": "string"}, required=True)
    open_minor = fields.Function(lambda pair: pair[1], metadata={"type": "integer"}, required=True)


class OwedDocument(Schema):
    """A document that is open."""

    invoice_id = Identifier(required=True)
    number = fields.String(required=True)
    issued_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    total_minor = MinorUnits(required=True)
    open_minor = MinorUnits(required=True)


class StatementOfAccount(Schema):
    """A customer's account from one day to another."""

    customer_id = Identifier(required=True)
    currency = Currency(required=True)
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    opening_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    closing_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    credit_minor = MinorUnits(required=True)
    rows = fields.List(fields.Nested(Movement), required=True)
    owed = fields.List(fields.Nested(OwedDocument), required=True)
    ages = fields.List(fields.Nested(Age), required=True)


class Settling(Schema):
    """A part of a payment, a credit note or a write-off that settles a document."""

    payment_id = Identifier(required=True, allow_none=True)
    credit_note_id = Identifier(required=True, allow_none=True)
    write_off_id = Identifier(required=True, allow_none=True)
    label = fields.String(required=True)
    amount_minor = MinorUnits(required=True)


class OwedReason(Schema):
    """An open document, and what has settled a part of it."""

    owed = fields.Nested(OwedDocument, required=True)
    settlements = fields.List(fields.Nested(Settling), required=True)


class FreeCredit(Schema):
    """Money or a credit note that settles nothing yet."""

    label = fields.Function(lambda pair: pair[0], metadata={"type": "string"}, required=True)
    free_minor = fields.Function(lambda pair: pair[1], metadata={"type": "integer"}, required=True)


class BalanceReasons(Schema):
    """A balance and what makes it: open documents less credit that settles nothing."""

    currency = Currency(required=True)
    balance_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    owed = fields.List(fields.Nested(OwedReason), required=True)
    credits = fields.List(fields.Nested(FreeCredit), required=True)


@blueprint.get("/<int:customer_id>")
@requires("view_invoice_list")
@blueprint.arguments(SpanQuery, location="query")
@blueprint.response(200, StatementOfAccount)
def detail(query: dict[str, Any], customer_id: int) -> Statement:
    """Get a customer's statement of account."""
    found(customers.get(customer_id), _NONE)
    since, until = span(query)
    return queries.statement(customer_id, since=since, until=until)


@blueprint.get("/<int:customer_id>/balance")
@requires("view_invoice_list")
@blueprint.response(200, BalanceReasons)
def balance(customer_id: int) -> Why:
    """Get a customer's balance with everything behind it."""
    found(customers.get(customer_id), _NONE)
    return queries.why(customer_id)


def span(query: dict[str, Any]) -> tuple[date, date]:
    """From when to when a query asks. Raises Invalid for days that make no statement."""
    until = query["until"] or current.today()
    since = query["since"] or until - timedelta(days=_USUAL_DAYS)
    check_span(since, until, today=current.today())
    return since, until
