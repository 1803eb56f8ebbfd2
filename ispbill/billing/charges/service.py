"""Verbs of one-time charges: add, withdraw. Billing marks what it bills and opens again what is voided."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import select, update

from ispbill.billing.charges import queries
from ispbill.billing.charges.models import Charge, ChargeKind, ChargeStatus
from ispbill.billing.ledger import service as ledger
from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.bulk import any_text
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money
from ispbill.customers.models import Customer
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.policy import check_price
from ispbill.subscriptions.service import SubscriptionEnding, SubscriptionsBegun

LONGEST_DESCRIPTION = 200
# What customers are let off by those who may, and not withdrawn as an error is.
FEES = (ChargeKind.LATE_FEE, ChargeKind.EARLY_TERMINATION)
_MAY_BE_NEGATIVE = (ChargeKind.ADJUSTMENT, ChargeKind.USAGE, ChargeKind.DEPOSIT_RETURN, ChargeKind.LATE_FEE)


class Addable(StrEnum):
    """The kinds that people add; the others come by themselves."""

    ONE_TIME = "one_time"
    DEPOSIT = "deposit"
    ADJUSTMENT = "adjustment"


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
    returns_id: int | None = None


def add(facts: ChargeFacts) -> Charge:
    """Put a charge on the customer's next bill; one with a source that is known is given back as it is.

    Raises Invalid without a description, for an amount of zero, or below zero for anything but an adjustment, and for
    a deposit with a tax.
    """
    return add_all([facts])[0]


def add_once(facts: ChargeFacts) -> Charge:
    """Add what a page sends, whose own key is the source, so that sending it twice charges once.

    Raises as `add` does, and Conflict where the page was sent before with something else on it.
    """
    charge = add(facts)
    if (charge.customer_id, charge.description, charge.quantity, charge.unit_price_minor) != (
        facts.customer_id, facts.description.strip(), facts.quantity, facts.unit_price_minor
    ):
        raise Conflict(_("This was sent before, for another charge. Start afresh, with a new form."))
    return charge


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


def charge_beginning(event: SubscriptionsBegun) -> None:
    """Ask the one-time fees that subscriptions began with, with their first bill."""
    add_all([
        ChargeFacts(sale.customer.id, fee.name, fee.amount_minor, tax_rate_id=fee.tax_rate_id,
                    subscription_id=subscription_id, bill_on=sale.start.on,
                    source=f"{queries.BEGINNING}{subscription_id}:{place}")
        for subscription_id, sale in event.sales.items()
        for place, fee in enumerate(sale.fees, start=1) if fee.amount_minor
    ])


def follow_end(event: SubscriptionEnding) -> None:
    """Ask no fee for the beginning of what is not served for a single day."""
    subscription = db.session.get_one(Subscription, event.subscription_id)
    if event.end_on <= subscription.start_on:
        for charge in queries.fees_of_beginning(subscription.id):
            cancel(charge, reason="The subscription never began")


def add_for_customer(facts: ChargeFacts) -> Charge:
    """Add what a person asks for. Raises as `add` does, and Invalid for what is not the customer's."""
    if db.session.get(Customer, facts.customer_id) is None:
        raise Invalid(_("Choose a customer."), field="customer_id")
    if facts.subscription_id is not None:
        subscription = db.session.get(Subscription, facts.subscription_id)
        if subscription is None or subscription.customer_id != facts.customer_id:
            raise Invalid(_("Choose a subscription of this customer."), field="subscription_id")
    if facts.tax_rate_id is not None and taxes.get(facts.tax_rate_id) is None:
        raise Invalid(_("Choose a tax."), field="tax_rate_id")
    return add(facts)


def withdraw(charge: Charge, *, reason: str) -> Charge:
    """Withdraw what was added in error. Raises as `cancel` does, and Conflict for a fee: that is waived."""
    if charge.kind in FEES:
        raise Conflict(_("A fee is waived by those who may."))
    return cancel(charge, reason=reason)


def waive(charge: Charge, *, reason: str) -> Charge:
    """Let a customer off a fee. Raises as `cancel` does, and Conflict for what is no fee: that is withdrawn."""
    if charge.kind not in FEES:
        raise Conflict(_("Only a fee can be waived."))
    return cancel(charge, reason=reason)


def give_back(deposit: Charge, *, amount_minor: int) -> Charge:
    """Give a billed deposit back, or a part, with the next bill. What exceeds that bill is the customer's credit.

    Raises Conflict for what is no billed deposit or is given back whole, Invalid for more than is held of it.
    """
    ledger.hold_account(deposit.customer_id)
    db.session.refresh(deposit, ["status"])
    if deposit.kind != ChargeKind.DEPOSIT or deposit.status != ChargeStatus.BILLED:
        raise Conflict(_("Only a deposit that was billed can be given back."))
    held_minor = queries.held_minor(deposit)
    if held_minor <= 0:
        raise Conflict(_("This deposit is given back already."))
    if not 0 < amount_minor <= held_minor:
        held = format_money(held_minor, current.tenant.currency)
        raise Invalid(_("Of this deposit %(held)s are held.", held=held), field="amount")
    return add(_return(deposit, amount_minor))


def note_return(deposit_id: int, *, amount_minor: int, note_id: int) -> None:
    """Note that a credit note gave a deposit back, or a part: it is held no longer, and nothing waits to be billed."""
    facts = _return(db.session.get_one(Charge, deposit_id), amount_minor)
    charge = add(replace(facts, source=f"{_source_of_note(note_id)}{deposit_id}"))
    charge.status = ChargeStatus.BILLED
    db.session.flush()


def forget_returns(note_id: int, *, customer_id: int) -> None:
    """Hold again the deposits that a credit note of a customer gave back, for it was voided."""
    of_note = Charge.source.startswith(_source_of_note(note_id), autoescape=True)
    db.session.execute(
        update(Charge).where(Charge.customer_id == customer_id, Charge.kind == ChargeKind.DEPOSIT_RETURN, of_note)
        .values(status=ChargeStatus.CANCELLED, status_reason="The credit note was voided")
        .execution_options(synchronize_session=False)
    )


def cancel(charge: Charge, *, reason: str) -> Charge:
    """Withdraw a charge that is not billed. Raises Invalid without a reason, Conflict when it waits no longer."""
    if not reason.strip():
        raise Invalid(_("Say why it is withdrawn."), field="reason")
    db.session.refresh(charge, ["status"], with_for_update=True)
    if charge.status != ChargeStatus.PENDING:
        raise Conflict(_("It is billed already: issue a credit note.") if charge.status == ChargeStatus.BILLED
                       else _("It is withdrawn already."))
    charge.status, charge.status_reason = ChargeStatus.CANCELLED, reason.strip()
    db.session.flush()
    return charge


def _return(deposit: Charge, amount_minor: int) -> ChargeFacts:
    return ChargeFacts(
        customer_id=deposit.customer_id, subscription_id=deposit.subscription_id, kind=ChargeKind.DEPOSIT_RETURN,
        description=f"Given back: {deposit.description}"[:LONGEST_DESCRIPTION], unit_price_minor=-amount_minor,
        returns_id=deposit.id,
    )


def _source_of_note(note_id: int) -> str:
    return f"credit_note:{note_id}:"


def _charge(facts: ChargeFacts) -> Charge:
    _check(facts)
    values = asdict(facts) | {"description": facts.description.strip(), "bill_on": facts.bill_on or current.today()}
    return Charge(**values, status=ChargeStatus.PENDING, created_by=current.actor.name, created_at=current.now())


def _check(facts: ChargeFacts) -> None:
    if not 0 < len(facts.description.strip()) <= LONGEST_DESCRIPTION:
        raise Invalid(_("Say in at most %(longest_description)s characters what it is for.",
                        longest_description=LONGEST_DESCRIPTION), field="description")
    if facts.unit_price_minor == 0:
        raise Invalid(_("The amount may not be zero."), field="unit_price")
    if facts.unit_price_minor < 0 and facts.kind not in _MAY_BE_NEGATIVE:
        raise Invalid(_("Only an adjustment may be below zero."), field="unit_price")
    if facts.tax_rate_id is not None and facts.kind in (ChargeKind.DEPOSIT, ChargeKind.DEPOSIT_RETURN):
        raise Invalid(_("A deposit bears no tax: nothing is supplied for it, and it is given back whole."),
                      field="tax_rate_id")
    check_price(facts.quantity, abs(facts.unit_price_minor))
