"""Opening balances as a kind of import: one document for each customer, as of a day, against the opening account.

What is owed becomes a debit note, what is in credit a credit note: neither takes a number of the invoices, whose series
counts sales; both age, settle and are reminded of as every other document.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ispbill.areas import queries as areas
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.buyers import Buyer
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.service import InvoiceToIssue
from ispbill.billing.ledger import service as ledger
from ispbill.billing.opening import queries
from ispbill.billing.opening.policy import brought_over
from ispbill.billing.payments import service as payments
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.tables import Row, Table
from ispbill.customers.imports.queries import Known, named_by, named_in
from ispbill.customers.models import Customer
from ispbill.imports.kinds import Kind, Terms
from ispbill.imports.policy import NUMBER, Column, Effect, Loaded, Step, Total

COLUMNS = (
    Column("account_number", lazy("Or external_reference: whose balance it is"), example="AC-000123",
           also=("account", "account no", "customer number", "customer")),
    Column("external_reference", lazy("The customer's number in the former system"),
           also=("reference", "customer id", "old id")),
    Column("amount", lazy("Owed to you; below zero what the customer has in credit"), is_required=True,
           example="1499.00",
           also=("balance", "opening balance", "outstanding", "amount due"), holds=NUMBER),
)
_REASON = lazy("Opening balance")


@dataclass(frozen=True, slots=True)
class _Balance:
    """What one customer brings over."""

    customer: Customer
    amount_minor: int


def load(table: Table, terms: Terms) -> Loaded:
    """Each line as a balance of a customer who is there, with what it changes of one brought over before."""
    known = named_in(table.rows)
    read = [(row, balance) for row in table.rows if (balance := _read(row, known)) is not None]
    before = queries.standing([balance.customer.id for _, balance in read])
    steps = [_step(row, balance, before.get(balance.customer.id)) for row, balance in read if not row.errors]
    errors = [error for row in table.rows for error in row.errors]
    amounts = [balance.amount_minor for _, balance in read]
    return Loaded(steps, errors, [
        Total(_("Customers with a balance"), sum(1 for amount in amounts if amount)),
        Total(_("Owed to you"), sum(amount for amount in amounts if amount > 0), is_money=True),
        Total(_("In the customers' favour"), -sum(amount for amount in amounts if amount < 0), is_money=True),
        Total(_("Receivable in all"), sum(amounts), is_money=True),
    ], [(row.line, "account_number", balance.customer.account_number) for row, balance in read])


def write(steps: Sequence[Step], terms: Terms) -> list[Effect]:
    """Issue a document for each balance; one that was brought over otherwise before is voided first."""
    ledger.hold_accounts({step.facts.customer.id for step in steps})
    for step in steps:
        if step.known is not None:
            take_back(step.known.id, "Brought over anew")
    due = [step for step in steps if step.facts.amount_minor]
    paths = areas.postal_by_id()
    issued = invoices.issue([_document(step.facts, terms, paths) for step in due], on=terms.day)
    payments.settle([document.customer_id for document in issued])
    return [Effect(step.line, Invoice.__tablename__, document.id) for step, document in zip(due, issued, strict=True)]


def take_back(invoice_id: int, reason: str) -> None:
    """Void what brought a balance over. Raises Conflict where money stands against it by now."""
    document = db.session.get(Invoice, invoice_id)
    if document is None or queries.is_settled_partly(invoice_id):
        raise Conflict(_("%(number)s is paid or used by now, at least in part.", number=document.number)
                       if document else _("It is paid or used by now, at least in part."))
    invoices.void(document, reason=reason)


def _read(row: Row, known: Known) -> _Balance | None:
    customer = named_by(row, known)
    amount_minor = row.money("amount", currency=current.tenant.currency, signed=True)
    if amount_minor is None and not row.errors:
        row.refuse("amount", _("Nothing stands here."), _("An amount like 1499.00; 0 for none."))
    return _Balance(customer, amount_minor) if customer and amount_minor is not None and not row.errors else None


def _step(row: Row, balance: _Balance, before: Invoice | None) -> Step:
    if before is None:
        return Step(row.line, balance, known=None if balance.amount_minor else balance.customer)
    changes = {} if before.total_minor == balance.amount_minor else {"total_minor": balance.amount_minor}
    return Step(row.line, balance, before, changes)


def _document(balance: _Balance, terms: Terms, paths: Mapping[int, str]) -> InvoiceToIssue:
    customer = balance.customer
    address = ", ".join(filter(None, (customer.street, paths.get(customer.area_id or 0))))
    return InvoiceToIssue(
        brought_over(customer.id, balance.amount_minor, on=terms.day),
        Buyer(customer.name, address, customer.tax_identifier), reason=_REASON, is_debit=balance.amount_minor > 0,
    )


KIND = Kind(
    code="opening_balances", label=lazy("Opening balances"), permission="adjust_invoice",
    undo_permission="void_invoice", columns=lambda: COLUMNS,
    load=load,
    write=write, models=(Invoice,), key="account_number or external_reference", day=lazy("As of"),
    check_day=lambda day: company.require_open(day, field="day"), revert=take_back,
)
