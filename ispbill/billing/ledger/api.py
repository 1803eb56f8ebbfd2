"""The ledger as JSON: trial balance and journal. Amounts are debits above zero and credits below."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.ledger import queries
from ispbill.billing.ledger.policy import SOURCES
from ispbill.billing.ledger.queries import JournalFilter
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits
from ispbill.web.rest.resources import resource
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of

blueprint = resource("ledger", description="The books: accounts, journal, trial balance, closings, proofs, numbers.")


class Span(Body):
    """From which day to which, both included; from the first entry to the last where nothing is said."""

    since = Day(load_default=None)
    until = Day(load_default=None)


class JournalQuery(PageQuery):
    """What the journal is narrowed to; both days are included."""

    source = Choice(tuple(SOURCES), load_default=None)
    account_id = Identifier(load_default=None)
    customer_id = Identifier(load_default=None)
    since = Day(load_default=None)
    until = Day(load_default=None)


class TrialBalanceRow(Schema):
    """An account: its balance before the first day, debits and credits from then on, its balance after the last."""

    account_id = Identifier(attribute="id", required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    opening_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    debit_minor = MinorUnits(required=True)
    credit_minor = MinorUnits(required=True)
    balance_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    currency = Currency(required=True)


class TrialBalance(Schema):
    """Every account; the difference of all of them together is zero."""

    accounts = fields.List(fields.Nested(TrialBalanceRow), required=True)
    difference_minor = MinorUnits(least=-LARGEST_MINOR, required=True)


class LedgerPosting(Schema):
    """One side of an entry."""

    account_id = Identifier(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    customer_id = Identifier(required=True, allow_none=True)
    amount_minor = MinorUnits(least=-LARGEST_MINOR, required=True)


class Entry(Schema):
    """A business event as the books see it; its postings sum to zero."""

    id = Identifier(required=True)
    posted_on = fields.Date(required=True)
    source = fields.String(required=True)
    source_id = Identifier(required=True)
    memo = fields.String(required=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    currency = Currency(required=True)
    postings = fields.List(fields.Nested(LedgerPosting), required=True)


@blueprint.get("/trial-balance")
@requires("view_ledger")
@blueprint.arguments(Span, location="query")
@blueprint.response(200, TrialBalance)
def trial_balance(query: dict[str, Any]) -> dict[str, Any]:
    """Get the balance of every account as of a day."""
    accounts = queries.trial_balance(since=query["since"], until=query["until"])
    return {"accounts": accounts, "difference_minor": sum(int(row.balance_minor) for row in accounts)}


@blueprint.get("/journal")
@requires("view_ledger")
@blueprint.arguments(JournalQuery, location="query")
@blueprint.response(200, page_of(Entry))
def journal(query: dict[str, Any]) -> dict[str, Any]:
    """List the entries of the journal with their postings, the newest first."""
    wanted = JournalFilter(source=query["source"] or "", account_id=query["account_id"],
                           customer_id=query["customer_id"], since=query["since"], until=query["until"])
    found_page = page(queries.entries(wanted), queries.ENTRY_ORDER, query, item=lambda row: row.JournalEntry)
    return {**found_page, "items": _with_postings(found_page["items"])}


@blueprint.get("/journal/<int:journal_entry_id>")
@requires("view_ledger")
@blueprint.response(200, Entry)
def entry(journal_entry_id: int) -> dict[str, Any]:
    """Get an entry with its postings."""
    return _with_postings([found(queries.get(journal_entry_id), _("There is no such entry."))])[0]


def _with_postings(entries: list[Any]) -> list[dict[str, Any]]:
    postings = queries.postings_of([entry.id for entry in entries])
    own = ("id", "posted_on", "source", "source_id", "memo", "created_by", "created_at")
    return [{**{name: getattr(entry, name) for name in own}, "postings": postings.get(entry.id, [])}
            for entry in entries]
