"""The pages of the ledger: trial balance, journal, a customer's statement. There is nothing to change here."""
from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.ledger import queries
from ispbill.billing.ledger.exports.policy import QUICKBOOKS_HEADER, Line, quickbooks_row
from ispbill.billing.ledger.policy import GROUPS, SOURCES
from ispbill.billing.ledger.queries import JournalFilter
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import chosen_day, chosen_id
from ispbill.web.requests import found

blueprint = Blueprint("ledger", __name__, url_prefix="/ledger", template_folder="templates")
_MOST_EXPORTED = 50_000
_NEWEST = 6


@blueprint.get("")
@requires("view_ledger")
def index() -> ResponseReturnValue:
    """The trial balance as of a day: every account, and the proof that all of them together come to nothing."""
    accounts = _trial_balance()
    return render_template(
        "ledger/index.html", accounts=accounts, since=chosen_day("since"), until=chosen_day("until"),
        difference_minor=sum(int(row.balance_minor) for row in accounts),
    )


@blueprint.get("/export")
@requires("view_ledger")
def export() -> Response:
    """The trial balance as a file."""
    header = ("code", "account", "kind", "opening", "debit", "credit", "balance", "currency")
    return csv_response("trial-balance", header, (
        (row.code, row.name, row.kind,
         *map(_major, (row.opening_minor, row.debit_minor, row.credit_minor, row.balance_minor)),
         current.tenant.currency) for row in _trial_balance()
    ))


@blueprint.get("/journal")
@requires("view_ledger")
def journal() -> ResponseReturnValue:
    """The newest entries with their postings."""
    found_entries = _journal()
    page = paginate(found_entries, queries.ENTRY_ORDER, cursor=request.args.get("cursor"))
    # Of all days, the sum says nothing and takes long; of a month it is what the accountant compares.
    totals = queries.totals(found_entries) if chosen_day("since") else None
    account_id = chosen_id("account")
    on_account = queries.account_total(found_entries, account_id=account_id, side=request.args.get("side", "")) \
        if account_id and totals else None
    postings = queries.postings_of([row.JournalEntry.id for row in page.rows])
    accounts = [(str(account.id), f"{account.code} {account.name}") for account in queries.accounts()]
    return render_template(
        "ledger/journal.html", page=page, postings=postings, on_account=on_account,
        sources=[("", _("Any document")), *SOURCES.items(), ("prepaid", _("Prepaid loads and time earned"))],
        accounts=[("", _("Any account")), *accounts], totals=totals,
    )


@blueprint.get("/journal/export")
@requires("view_ledger")
def export_journal() -> Response:
    """The journal as a file, one row a posting; debits are positive."""
    header = ("entry", "posted_on", "memo", "account_code", "account", "customer", "amount", "currency", "created_by")
    return csv_response("journal", header, (
        (row.id, row.posted_on, row.memo, row.code, row.name, row.account_number, _major(row.amount_minor),
         current.tenant.currency, row.created_by)
        for row in queries.export_rows(_journal(), most=_MOST_EXPORTED)
    ))


@blueprint.get("/journal/quickbooks")
@requires("view_ledger")
def export_quickbooks() -> Response:
    """The journal as QuickBooks imports it, the oldest entry first."""
    rows = list(queries.export_rows(_journal(), most=_MOST_EXPORTED))
    currency = current.tenant.currency
    return csv_response("quickbooks-journal", QUICKBOOKS_HEADER, (
        quickbooks_row(Line(row.id, row.posted_on, row.code, row.name, _major(row.amount_minor), row.memo,
                            row.account_number or "", currency))
        for row in sorted(rows, key=lambda row: (row.posted_on, row.id))
    ))


@blueprint.get("/journal/<int:journal_entry_id>")
@requires("view_ledger")
def entry(journal_entry_id: int) -> ResponseReturnValue:
    """One entry with its postings."""
    found_entry = found(queries.get(journal_entry_id), _("There is no such entry."))
    return render_template("ledger/entry.html", entry=found_entry,
                           postings=queries.postings_of([journal_entry_id]).get(journal_entry_id, []))


@blueprint.get("/customers/<int:customer_id>")
@requires("view_ledger")
def statement(customer_id: int) -> ResponseReturnValue:
    """Everything charged to a customer and paid by them, with the balance after each."""
    customer, found_rows = _customer(customer_id), queries.statement_of(customer_id)
    page = paginate(found_rows.rows, found_rows.newest_first, cursor=request.args.get("cursor"))
    return render_template("ledger/statement.html", customer=customer, page=page,
                           balance_minor=queries.balance_of(customer_id))


@blueprint.get("/customers/<int:customer_id>/export")
@requires("view_ledger")
def export_statement(customer_id: int) -> Response:
    """A customer's statement as a file, the oldest entry first."""
    customer, rows = _customer(customer_id), queries.statement_of(customer_id).rows.subquery()
    oldest_first = db.session.execute(rows.select().order_by(rows.c.posted_on, rows.c.id))
    header = ("posted_on", "memo", "amount", "balance", "currency")
    return csv_response(f"statement-{customer.account_number}", header, (
        (row.posted_on, row.memo, _major(row.amount_minor), _major(int(row.balance_minor)), current.tenant.currency)
        for row in oldest_first
    ))


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: the newest rows of their statement."""
    found_rows = queries.statement_of(customer_id)
    page = paginate(found_rows.rows, found_rows.newest_first, cursor=None, size=_NEWEST)
    return Markup(render_template("ledger/_of_customer.html", rows=page.rows, customer_id=customer_id))


def _journal() -> AnySelect:
    source = request.args.get("source", "")
    return queries.entries(JournalFilter(
        source=source if source in (*SOURCES, *GROUPS) else "", account_id=chosen_id("account"),
        customer_id=chosen_id("customer_id"), since=chosen_day("since"), until=chosen_day("until"),
        side=request.args.get("side", ""), is_standing=request.args.get("standing") == "yes",
    ))


def _trial_balance() -> Sequence[AnyRow]:
    return queries.trial_balance(since=chosen_day("since"), until=chosen_day("until"))


def _customer(customer_id: int) -> Customer:
    return found(customers.get(customer_id), _("There is no such customer."))


def _major(amount_minor: int) -> Decimal:
    return to_major(int(amount_minor), current.tenant.currency)
