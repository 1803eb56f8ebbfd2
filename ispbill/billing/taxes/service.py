"""Verbs of exemptions and withholdings: begin and end them. Issued documents stay as they are."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ispbill.billing.taxes import queries
from ispbill.billing.taxes.models import TaxExemption, TaxWithholding
from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.models import Customer

LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class ExemptionFacts:
    """Which tax a customer does not owe (None: any), why, by which certificate, in which days (half-open)."""

    reason: str
    starts_on: date
    ends_on: date | None = None
    certificate: str = ""
    tax_rate_id: int | None = None


def exempt(customer: Customer, *, facts: ExemptionFacts) -> TaxExemption:
    """Bill a customer without a tax what begins in these days. Raises Invalid without a reason documents can print."""
    if not 0 < len(facts.reason.strip()) <= LONGEST_TEXT:
        raise Invalid(_("Say why: invoices print the reason."), field="reason")
    if len(facts.certificate) > LONGEST_TEXT:
        raise Invalid(_("A certificate's number has at most %(longest_text)s characters.", longest_text=LONGEST_TEXT),
                      field="certificate")
    _check_days(facts.starts_on, facts.ends_on)
    if facts.tax_rate_id is not None and taxes.get(facts.tax_rate_id) is None:
        raise Invalid(_("Choose a tax."), field="tax_rate_id")
    exemption = TaxExemption(
        customer_id=customer.id, tax_rate_id=facts.tax_rate_id, reason=facts.reason.strip(),
        certificate=facts.certificate.strip(), starts_on=facts.starts_on, ends_on=facts.ends_on,
        created_at=current.now(),
    )
    db.session.add(exemption)
    db.session.flush()
    return exemption


def end(exemption: TaxExemption, *, on: date) -> TaxExemption:
    """Bill with the tax again what begins on a day or later. Raises Conflict when it ended before that."""
    _end(exemption, on)
    return exemption


def withhold(customer: Customer, *, rate_percent: Decimal, starts_on: date, ends_on: date | None = None) \
        -> TaxWithholding:
    """Expect a customer to keep a part of each bill's net back. Raises Invalid, Conflict where one is in force."""
    if not (rate_percent.is_finite() and 0 < rate_percent < 100):
        raise Invalid(_("A rate lies above 0 and below 100 percent."), field="rate_percent")
    _check_days(starts_on, ends_on)
    if queries.withholding_of(customer.id, on=starts_on) is not None:
        raise Conflict(_("The customer withholds already. End that first."))
    withholding = TaxWithholding(
        customer_id=customer.id, rate_percent=rate_percent, starts_on=starts_on, ends_on=ends_on,
        created_at=current.now(),
    )
    db.session.add(withholding)
    db.session.flush()
    return withholding


def end_withholding(withholding: TaxWithholding, *, on: date) -> TaxWithholding:
    """Expect the customer to pay in full what is billed from a day on. Raises Conflict when it ended before that."""
    _end(withholding, on)
    return withholding


def _end(rule: TaxExemption | TaxWithholding, on: date) -> None:
    if rule.ends_on is not None and rule.ends_on <= on:
        raise Conflict(_("It ends before that already."))
    if on <= rule.starts_on:
        db.session.delete(rule)
    else:
        rule.ends_on = on
    db.session.flush()


def _check_days(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on <= starts_on:
        raise Invalid(_("The last day lies before the first."), field="last_day")
