"""What customers are told: a message of the outbox for each step, under a key that lets no second one in."""
from __future__ import annotations

from typing import NamedTuple

from ispbill.billing.collections.models import CollectionCutoff
from ispbill.billing.collections.policy import Account, By, Debt, DueStep, Step
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.customers.models import Customer
from ispbill.notifications.service import Draft

# What a step may send, as the settings offer it; the texts stand in tenant_templates/messages.
TEMPLATES = {
    "": lazy("Nothing"), "bill_reminder": lazy("Friendly reminder"), "bill_overdue": lazy("Overdue notice"),
    "late_fee": lazy("Notice of a late fee"), "service_suspended": lazy("Notice of suspension"),
}


class Letter(NamedTuple):
    """The message that goes with a step, or why there is none; `is_by_hand` where somebody has to tell the customer."""

    draft: Draft | None
    note: str
    is_by_hand: bool = False


class Paper(NamedTuple):
    """What a letter is made of beside its values: template, channel, key, and what it encloses."""

    template: str
    channel: str
    unique_key: str
    enclosure: str | None = None


def of_step(customer: Customer, due: DueStep, account: Account, *, episode_id: int | None) -> Letter:
    """What tells a customer of a step towards one invoice, or towards all that is payable of what is due."""
    debts = [debt for debt in account.debts if debt.invoice_id == due.invoice_id] if due.invoice_id else _due(account)
    subject = f"invoice:{due.invoice_id}" if due.invoice_id else f"episode:{episode_id}"
    key = f"collections:{subject}:{due.step.id}:{due.occurrence}"
    values = _debt_values(account, debts, fee_minor=due.fee_minor)
    return _letter(customer, Paper(due.step.template, due.step.channel, key, _enclosed(account, debts)), **values)


def of_cutoff(customer: Customer, cutoff: CollectionCutoff, account: Account, *, step: Step) -> Letter:
    """What tells a customer that service is suspended, and what brings it back."""
    debts = _due(account)
    paper = Paper(step.template, step.channel, f"collections:cutoff:{cutoff.id}", _enclosed(account, debts))
    return _letter(customer, paper, **_debt_values(account, debts))


def of_restoring(customer: Customer, cutoff_id: int, *, channel: str) -> Letter:
    """What tells a customer that service is back, the way they were told that it is off; by hand nobody needs to."""
    return _letter(customer, Paper("service_restored", channel, f"collections:restored:{cutoff_id}"))


def _due(account: Account) -> list[Debt]:
    return [debt for debt in account.debts if debt.due_on < account.on and debt.payable_minor(account.on)]


def _debt_values(account: Account, debts: list[Debt], *, fee_minor: int = 0) -> dict[str, object]:
    total_minor = sum(debt.payable_minor(account.on) for debt in debts)
    return {
        "amount": _money(total_minor), "fee": _money(fee_minor),
        "invoices": [_("%(number)s: %(amount)s, due %(due_on)s", number=debt.number,
                       amount=_money(debt.payable_minor(account.on)), due_on=formats.short_date(debt.due_on))
                     for debt in debts],
    }


def _enclosed(account: Account, debts: list[Debt]) -> str | None:
    """What shows the reader what is owed: the bill where it is one, else the account since the oldest of them."""
    if not debts:
        return None
    if len(debts) == 1:
        return f"invoice:{debts[0].invoice_id}"
    return f"statement:{account.customer_id}:{min(debt.issued_on for debt in debts)}:{account.on}"


def _letter(customer: Customer, paper: Paper, **values: object) -> Letter:
    if not paper.template:
        return Letter(None, "")
    if paper.channel == By.HAND:
        return Letter(None, "", is_by_hand=True)
    recipient = customer.phone if paper.channel == By.SMS else customer.email
    if not recipient:
        return Letter(None, _("Not told: the customer has no telephone number.") if paper.channel == By.SMS
                      else _("Not told: the customer has no e-mail address."))
    known = {"name": customer.name, "account_number": customer.account_number, **values}
    return Letter(Draft(paper.template, recipient, paper.unique_key, known, channel=paper.channel,
                        enclosure=paper.enclosure if paper.channel == By.EMAIL else None), "")


def _money(amount_minor: int) -> str:
    return format_money(amount_minor, current.tenant.currency)
