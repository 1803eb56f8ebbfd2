"""What customers are told: a message of the outbox for each step, under a key that lets no second one in."""
from __future__ import annotations

from typing import NamedTuple

from ispbill.billing.collections.dunning.policy import DueStep
from ispbill.billing.collections.models import CollectionCutoff
from ispbill.billing.collections.policy import Account, Debt
from ispbill.core.current import current
from ispbill.core.money import format_money
from ispbill.customers.models import Customer
from ispbill.notifications import service as messages

# What a step may send, as the settings offer it; the texts stand in tenant_templates/messages.
TEMPLATES = {
    "": "Nothing", "bill_reminder": "Friendly reminder", "bill_overdue": "Overdue notice",
    "late_fee": "Notice of a late fee", "service_suspended": "Notice of suspension",
}


class Sent(NamedTuple):
    """The message that was queued, or why none was."""

    message_id: int | None
    note: str


def tell_step(customer: Customer, due: DueStep, account: Account, *, episode_id: int) -> Sent:
    """Tell a customer of a step towards one invoice, or towards all that is payable of what is due."""
    debts = [debt for debt in account.debts if debt.invoice_id == due.invoice_id] if due.invoice_id else _due(account)
    subject = f"invoice:{due.invoice_id}" if due.invoice_id else f"episode:{episode_id}"
    return _tell(
        customer, due.step.template, f"collections:{subject}:{due.step.id}:{due.occurrence}", account, debts,
        fee_minor=due.fee_minor,
    )


def tell_cut_off(customer: Customer, cutoff: CollectionCutoff, account: Account, *, template: str) -> Sent:
    """Tell a customer that service is suspended, and what brings it back."""
    return _tell(customer, template, f"collections:cutoff:{cutoff.id}", account, _due(account))


def tell_restored(customer: Customer, cutoff: CollectionCutoff) -> Sent:
    """Tell a customer that service is back."""
    if not customer.email:
        return Sent(None, "The customer has no e-mail address.")
    message_id = messages.queue(
        template="service_restored", recipient=customer.email, unique_key=f"collections:restored:{cutoff.id}",
        name=customer.name, account_number=customer.account_number,
    )
    return Sent(message_id, "")


def _due(account: Account) -> list[Debt]:
    return [debt for debt in account.debts if debt.due_on < account.on and debt.payable_minor(account.on)]


def _tell(
    customer: Customer, template: str, unique_key: str, account: Account, debts: list[Debt], *, fee_minor: int = 0
) -> Sent:
    if not template:
        return Sent(None, "")
    if not customer.email:
        return Sent(None, "The customer has no e-mail address.")
    total_minor = sum(debt.payable_minor(account.on) for debt in debts)
    message_id = messages.queue(
        template=template, recipient=customer.email, unique_key=unique_key, name=customer.name,
        account_number=customer.account_number, amount=_money(total_minor), fee=_money(fee_minor),
        invoices=[f"{debt.number}: {_money(debt.payable_minor(account.on))}, due {debt.due_on:%d %b %Y}"
                  for debt in debts],
    )
    return Sent(message_id, "")


def _money(amount_minor: int) -> str:
    return format_money(amount_minor, current.tenant.currency)
