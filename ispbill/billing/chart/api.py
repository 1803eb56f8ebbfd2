"""The chart of accounts as JSON, on the resource of the ledger."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.chart import queries
from ispbill.billing.chart import service as chart
from ispbill.billing.chart.policy import AccountFacts, AccountKind
from ispbill.billing.ledger.api import blueprint as blueprint
from ispbill.billing.ledger.models import LedgerAccount
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import once
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of


class AccountQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Code or name"})
    kind = Choice(AccountKind, load_default=None)


class PostingQuery(PageQuery):
    """Which days, both included."""

    since = Day(load_default=None)
    until = Day(load_default=None)


class AccountBody(Body):
    """A new account; its kind is final."""

    code = Text(most=20, required=True)
    name = Text(most=120, required=True)
    kind = Choice(AccountKind, required=True)


class Account(Schema):
    """An account of the chart. One with a purpose is posted to by the system."""

    id = Identifier(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = Choice(AccountKind, required=True)
    purpose = fields.String(required=True, allow_none=True)
    is_active = fields.Boolean(required=True)


class AccountPosting(Schema):
    """A posting on an account; debits are above zero."""

    id = Identifier(required=True)
    journal_entry_id = Identifier(attribute="entry_id", required=True)
    posted_on = fields.Date(required=True)
    memo = fields.String(required=True)
    customer_id = Identifier(required=True, allow_none=True)
    amount_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    currency = Currency(required=True)


@blueprint.get("/accounts")
@requires("view_ledger")
@blueprint.arguments(AccountQuery, location="query")
@blueprint.response(200, page_of(Account))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List the accounts of the chart, by code."""
    statement = queries.listing(term=query["q"], kind=query["kind"])
    return page(statement, queries.SORTS["code"], query, item=lambda row: row.LedgerAccount)


@blueprint.post("/accounts")
@requires("change_settings")
@once()
@blueprint.arguments(AccountBody)
@blueprint.response(201, Account)
def add(body: dict[str, Any]) -> LedgerAccount:
    """Add an account for journal vouchers."""
    return chart.add(AccountFacts(**body))


@blueprint.get("/accounts/<int:account_id>")
@requires("view_ledger")
@blueprint.response(200, Account)
def detail(account_id: int) -> LedgerAccount:
    """Get an account."""
    return _account(account_id)


@blueprint.get("/accounts/<int:account_id>/postings")
@requires("view_ledger")
@blueprint.arguments(PostingQuery, location="query")
@blueprint.response(200, page_of(AccountPosting))
def postings(query: dict[str, Any], account_id: int) -> dict[str, Any]:
    """List the postings on an account, the newest first."""
    account = _account(account_id)
    statement = queries.postings(account.id, since=query["since"], until=query["until"])
    return page(statement, queries.NEWEST_FIRST, query)


def _account(account_id: int) -> LedgerAccount:
    return found(queries.get(account_id), _("There is no such account."))
