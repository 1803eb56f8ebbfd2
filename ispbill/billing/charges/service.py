"""Verbs of one-time charges: add, withdraw. Billing marks what it bills and opens again what is voided."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from ispbill.billing.charges.models import Charge, ChargeKind, ChargeStatus
from ispbill.core.bulk import any_text
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.subscriptions.policy import check_price

LONGEST_DESCRIPTION = 200


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """What is to be billed once. `source` makes the same cause count once; without `bill_on` it is due today."""

    customer_id: int
    description: str
    unit_price_minor: int
    kind: ChargeKind = ChargeKind.ONE_TIME
    quantity: int = 1
    tax_rate_id: int | None = None
    subscription_id: int | None = None
    bill_on: date | None = None
    source: str | None = None


def add(facts: ChargeFacts) -> Charge:
    """Put a charge on the customer's next bill; one with a source that is known is given back as it is.

    Raises Invalid without a description, for an amount of zero, or below zero for anything but an adjustment.
    """
    return add_all([facts])[0]


def add_all(wanted: Sequence[ChargeFacts]) -> list[Charge]:
    """The same for many charges, in a constant number of statements, and in their order."""
    sources = [facts.source for facts in wanted if facts.source]
    known: dict[str | None, Charge] = {
        charge.source: charge
        for charge in db.session.scalars(select(Charge).where(Charge.source == any_text(sources)))
    } if sources else {}
    charges = [known.get(facts.source) or _charge(facts) for facts in wanted]
    db.session.add_all(charges)
    db.session.flush()
    return charges


def cancel(charge: Charge, *, reason: str) -> Charge:
    """Withdraw a charge that is not billed. Raises Invalid without a reason, Conflict when it waits no longer."""
    if not reason.strip():
        raise Invalid("Say why it is withdrawn.", field="reason")
    db.session.refresh(charge, ["status"], with_for_update=True)
    if charge.status != ChargeStatus.PENDING:
        raise Conflict("It is billed already: issue a credit note." if charge.status == ChargeStatus.BILLED
                       else "It is withdrawn already.")
    charge.status, charge.status_reason = ChargeStatus.CANCELLED, reason.strip()
    db.session.flush()
    return charge


def _charge(facts: ChargeFacts) -> Charge:
    _check(facts)
    values = asdict(facts) | {"description": facts.description.strip(), "bill_on": facts.bill_on or current.today()}
    return Charge(**values, status=ChargeStatus.PENDING, created_by=current.actor.name, created_at=current.now())


def _check(facts: ChargeFacts) -> None:
    if not 0 < len(facts.description.strip()) <= LONGEST_DESCRIPTION:
        raise Invalid(f"Say in at most {LONGEST_DESCRIPTION} characters what it is for.", field="description")
    if facts.unit_price_minor == 0:
        raise Invalid("The amount may not be zero.", field="unit_price")
    if facts.unit_price_minor < 0 and facts.kind != ChargeKind.ADJUSTMENT:
        raise Invalid("Only an adjustment may be below zero.", field="unit_price")
    check_price(facts.quantity, abs(facts.unit_price_minor))
