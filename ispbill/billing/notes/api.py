"""Corrections of an issued invoice as JSON: credit note, debit note, write-off. Each is an operation on the invoice."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.api import InvoiceDetail
from ispbill.billing.invoices.api import blueprint as blueprint
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.notes import service as notes
from ispbill.billing.notes.policy import Take
from ispbill.billing.notes.service import LONGEST_DESCRIPTION
from ispbill.catalogue.api import fees_named
from ispbill.catalogue.policy import Fee, Wanted
from ispbill.core.current import current
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Identifier, MinorUnits, Text, WholeNumber
from ispbill.web.rest.resources import once, reread
from ispbill.web.rest.schemas import Body

_MOST_LINES = 50
_MOST_UNITS = 1_000_000


class LineBody(Body):
    """Something to charge on a document made by hand.

    `plan_id` names a one-time fee of the catalogue: description, price and tax are its own where they are not sent.
    """

    plan_id = Identifier(load_default=None, allow_none=True)
    description = Text(most=LONGEST_DESCRIPTION, load_default="")
    unit_price_minor = MinorUnits(least=1, load_default=None, allow_none=True)
    quantity = WholeNumber(least=1, most=_MOST_UNITS, load_default=1)
    tax_rate_id = Identifier(load_default=None, allow_none=True)
    kind = Choice(ChargeKind, load_default=ChargeKind.ONE_TIME)


class TakeBody(Body):
    """How much of a line is taken back: one of amount, quantity and days; all that is left where none is given."""

    line_id = Identifier(required=True)
    amount_minor = MinorUnits(least=1, load_default=None, allow_none=True)
    quantity = WholeNumber(least=1, most=_MOST_UNITS, load_default=None, allow_none=True)
    days = WholeNumber(least=1, most=_MOST_UNITS, load_default=None, allow_none=True)


class CreditBody(Body):
    """What a credit note takes back; all that is left of the invoice where no line is named."""

    reason = Text(least=1, most=500, required=True)
    lines = fields.List(fields.Nested(TakeBody), load_default=list, validate=validate.Length(max=_MOST_LINES))
    bills_again = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class DebitBody(Body):
    """What is owed on top."""

    reason = Text(least=1, most=500, required=True)
    lines = fields.List(fields.Nested(LineBody), required=True, validate=validate.Length(min=1, max=_MOST_LINES))


@blueprint.post("/<int:invoice_id>/credit-notes")
@requires("issue_credit_note")
@once()
@blueprint.arguments(CreditBody)
@blueprint.response(201, InvoiceDetail)
def credit(body: dict[str, Any], invoice_id: int) -> Invoice:
    """Issue a credit note about an invoice; it settles that invoice first, then the oldest open ones."""
    takes = {line["line_id"]: Take(line["amount_minor"], line["quantity"], line["days"]) for line in body["lines"]}
    note = notes.credit(found(invoices.detail(invoice_id)),
                        notes.CreditFacts(body["reason"], takes, bills_again=body["bills_again"]))
    return reread(invoices.detail, note.id)


@blueprint.post("/<int:invoice_id>/debit-notes")
@requires("adjust_invoice")
@once()
@blueprint.arguments(DebitBody)
@blueprint.response(201, InvoiceDetail)
def debit(body: dict[str, Any], invoice_id: int) -> Invoice:
    """Issue a debit note about an invoice."""
    invoice = found(invoices.detail(invoice_id))
    note = notes.debit(invoice.customer_id, new_lines(body["lines"]), reason=body["reason"], corrects=invoice)
    return reread(invoices.detail, note.id)


def new_lines(lines: Sequence[dict[str, Any]]) -> list[notes.NewLine]:
    """The lines as verbs take them. Raises Invalid on a `plan_id` that names no fee."""
    named = fees_named({f"lines.{place}.plan_id": line["plan_id"] for place, line in enumerate(lines)},
                       on=current.today())
    return [_new_line(line, fee) for line, fee in zip(lines, named, strict=True)]


def _new_line(line: dict[str, Any], fee: Fee | None) -> notes.NewLine:
    wanted = Wanted(line["description"], line["unit_price_minor"], line["tax_rate_id"]).completed(fee)
    return notes.NewLine(wanted.description, wanted.unit_price_minor or 0, line["quantity"], wanted.tax_rate_id,
                         line["kind"])
