"""Cases of money: what is owed, paid, left over and given back, by the books of a company of the case's own."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ispbill.core.money import split_by_weights
from tests.conformance.books import Account
from tests.conformance.cases import CannotExpress, Case, amount, amounts, day

TODAY = date(2026, 2, 1)
_NOTE, _BOUNCED = ("credit_note", "item_adjustment", "adjustment"), ("chargeback", "reversal", "bounced")
_REVERSED = {"after_reversal", "after_chargeback_reversal"}
_ADJUSTED = ("adjust", "adjusted", "with_adjustment", "with_item_adjustment", "item_adjustment")
_LATE = ("late_payment", "recovered", "payment")
_FEES = re.compile(r"fees? ([\d.]+)\s*/\s*([\d.]+)")


def answers(case: Case) -> dict[str, Any]:
    """What the account comes to. Raises CannotExpress for a case of another shape."""
    for names, read in _READINGS:
        if all(case.has(*name.split("|")) for name in names):
            return read(case, Account())
    raise CannotExpress(f"no reading of accounts knows {', '.join(case.given)}")


def _next_bill(case: Case, account: Account) -> dict[str, Any]:
    account.owe([money_of(case, "open_invoice")], on=TODAY)
    account.pay(money_of(case, "credit"), on=TODAY)
    after, owed = account.balance(), account.open_amounts()[0]
    found = {"account_balance_after_credit": after, "account_balance": after, "invoice_balance": owed,
             "credit_left": account.credit()}
    if case.has("next_invoice"):
        account.owe([money_of(case, "next_invoice")], on=TODAY + timedelta(days=28))
        found["next_payment"] = account.open_amounts()[-1]
    return found


def _credit_on_invoice(case: Case, account: Account) -> dict[str, Any]:
    """A credit on an invoice before it is issued: a line of it."""
    account.charge([money_of(case, "charge", "invoice"), -abs(money_of(case, "invoice_credit"))], on=TODAY)
    before = account.balance()
    account.bill(on=TODAY)
    owed = account.open_amounts()[0]
    return {"draft_balance": before, **dict.fromkeys(("committed_balance", "balance_after_commit"), owed),
            "charged": owed, "charged_amount": owed, "invoice_balance": owed, "balance": owed,
            "account_balance": account.balance(), "credit_left": account.credit()}


def _credit_then_taxed(case: Case, account: Account) -> dict[str, Any]:
    credit, net, tax = money_of(case, "credit"), money_of(case, "net"), money_of(case, "tax")
    account.pay(credit, on=TODAY)
    account.charge([net], on=TODAY, tax=(tax / net * 100).quantize(Decimal("0.0001")))
    foreseen = account.foreseen(on=TODAY)
    account.bill(on=TODAY)
    left = account.credit()
    due = account.open_amounts()[-1]
    return {"credit_used": left - credit, "credit_left": left, "due": due, "invoice_balance": due,
            "dry_run_equals_real": foreseen == credit - left + due}


def _credit_over_invoices(case: Case, account: Account) -> dict[str, Any]:
    unpaid = case.given["unpaid"]
    for invoice in unpaid:
        if invoice.keys() - {"date", "balance"}:
            raise CannotExpress(f"an unpaid invoice with {', '.join(invoice)} is not known here")
    oldest_first = sorted(range(len(unpaid)), key=lambda place: day(unpaid[place]["date"]))
    for place in oldest_first:
        account.owe([amount(unpaid[place]["balance"])], on=day(unpaid[place]["date"]))
    found = _paid(account, money_of(case, "credit"))
    shares = dict(zip(oldest_first, found["applied"], strict=False))
    return found | {"applied": [shares[place] for place in sorted(shares)]}


def _payment_over_invoices(case: Case, account: Account) -> dict[str, Any]:
    invoices = case.find("invoices", default=[case.find("invoice")])
    if all(isinstance(owed, dict) for owed in invoices):
        unpaid = [{"balance" if name == "amount" else name: value for name, value in owed.items()} for owed in invoices]
        return _credit_over_invoices(case.row({"unpaid": unpaid, "credit": case.given["payment"]}, {}), account)
    for place, owed in enumerate(invoices):
        account.owe([amount(owed)], on=TODAY + timedelta(days=place))
    return _paid(account, money_of(case, "payment"))


def _payments_over_invoices(case: Case, account: Account) -> dict[str, Any]:
    """One payment after the other."""
    for place, owed in enumerate(case.find("invoices", default=[case.find("invoice")])):
        account.owe([amount(owed)], on=TODAY + timedelta(days=place))
    applied = []
    for place, paid in enumerate(case.given["payments"]):
        before = sum(account.open_amounts())
        account.pay(amount(paid), on=TODAY + timedelta(days=40 + place))
        applied.append(before - sum(account.open_amounts()))
    still = account.open_amounts()
    return {"applied": applied, "remaining_due": sum(still), "due": sum(still), "balances": still,
            "credit_left": account.credit(), "credit_balance": account.credit(), "account_balance": account.balance()}


def _deposited(case: Case, account: Account) -> dict[str, Any]:
    """A deposit that is given back with the last bill: it pays that, and what is left goes back."""
    account.deposit(money_of(case, "deposit"), on=TODAY)
    account.owe([money_of(case, "invoice", "final_invoice", "charge")], on=TODAY + timedelta(days=1))
    owed = sum(account.open_amounts())
    account.give_deposits_back(on=TODAY + timedelta(days=2))
    due = sum(account.open_amounts())
    return {"applied": owed - due, "due": due, "refund": account.credit(), "credit_left": account.credit(),
            "account_balance": account.balance()}


def _paid(account: Account, money: Decimal) -> dict[str, Any]:
    before = account.open_amounts()
    account.pay(money, on=TODAY + timedelta(days=40))
    after = account.open_amounts()
    applied = [one - other for one, other in zip(before, after, strict=True) if one != other]
    return {"applied": applied, "remaining_due": sum(after), "credit_left": account.credit(),
            "credit_balance": account.credit(), "account_balance": account.balance()}


def _credit_then_void(case: Case, account: Account) -> dict[str, Any]:
    account.pay(money_of(case, "customer_credit"), on=TODAY)
    account.owe([money_of(case, "invoice")], on=TODAY)
    issued = {"credit": account.credit(), "due": account.open_amounts()[0]}
    account.void_newest(on=TODAY)
    return {"after_finalize": issued, "after_void": {"credit": account.credit(), "due": sum(account.open_amounts())}}


def _credit_then_charge(case: Case, account: Account) -> dict[str, Any]:
    account.pay(money_of(case, "account_credit", "wallet", "credit"), on=TODAY)
    account.owe([money_of(case, "charge", "invoice")], on=TODAY)
    owed = account.open_amounts()[0]
    return {"invoice_balance": owed, "due": owed, "credit_left": account.credit(),
            "account_balance": account.balance()}


def _credits_then_charge(case: Case, account: Account) -> dict[str, Any]:
    for place, credit in enumerate(case.given["credits"]):
        account.pay(amount(credit), on=TODAY + timedelta(days=place))
    account.owe([money_of(case, "charge", "invoice")], on=TODAY + timedelta(days=10))
    owed = account.open_amounts()[0]
    return {"invoice_balance": owed, "due": owed, "applied": account.newest_shares(), "credit_left": account.credit(),
            "account_balance": account.balance()}


def _credit_notes(case: Case, account: Account) -> dict[str, Any]:
    for place, note in enumerate(case.given["credit_notes"]):
        account.owe([-amount(note)], on=TODAY + timedelta(days=place))
    told = _FEES.search(case.description)
    fees = [amount(fee) for fee in told.groups()] if told else [money_of(case, "invoice")]
    if sum(fees) != money_of(case, "invoice"):
        raise CannotExpress("the fees are not the invoice")
    account.owe(fees, on=TODAY + timedelta(days=10))
    notes = [amount(note) for note in case.given["credit_notes"]]
    applied = [*account.newest_shares(), *[Decimal(0)] * len(notes)][:len(notes)]
    weights = [int(fee * 100) for fee in fees]
    split = split_by_weights(int(sum(applied) * 100), weights)
    left = [note - used for note, used in zip(notes, applied, strict=True)]
    return {"applied": applied, "split": [Decimal(each) / 100 for each in split], "due": account.open_amounts()[-1],
            **dict.fromkeys(("left", "balances", "credit_notes_left"), left), "credit_left": account.credit()}


def _credit_note_on_partly_paid(case: Case, account: Account) -> dict[str, Any]:
    """Paid in full where the case does not say how much."""
    account.owe([money_of(case, "invoice_total")], on=TODAY)
    account.pay(money_of(case, "paid", "invoice_total"), on=TODAY)
    unpaid = account.open_amounts()[0]
    account.owe([-money_of(case, "credit_note")], on=TODAY + timedelta(days=1))
    refundable = account.credit()
    account.owe([money_of(case, "usage_invoice")], on=TODAY + timedelta(days=2))
    credit = unpaid if "refund" in case.expected else refundable
    due = account.open_amounts()[-1]
    return {"refund": refundable, "credit": credit, "due": due, "credit_left": account.credit(),
            "credit_applied": money_of(case, "usage_invoice") - due}


def _notes_over_invoices(case: Case, account: Account) -> dict[str, Any]:
    """Several credit notes and several invoices: the notes pay the invoices, the oldest by the oldest."""
    notes, invoices = amounts(case.find("credit_notes")), amounts(case.find("invoices"))
    for place, note in enumerate(notes):
        account.owe([-note], on=TODAY + timedelta(days=place))
    for place, owed in enumerate(invoices):
        account.owe([owed], on=TODAY + timedelta(days=30 + place))
    still = account.open_amounts()
    applied = [owed - left for owed, left in zip(invoices, still, strict=True)]
    return {"applied": applied, "due": still, "totals_due": still, "remaining_due": sum(still),
            "total_applied": sum(applied), "applied_total": sum(applied), "credit_left": account.credit()}


def _note_about_invoice(case: Case, account: Account) -> dict[str, Any]:
    """A credit note about an invoice, paid or not, or both where the case asks for both."""
    found = _noted(case, account)
    if not {"paid", "unpaid"} & case.expected.keys():
        return found
    other = _noted(case.row({"paid": case.find("invoice", "invoice_total", "charge", "total")}, {}), Account())
    return {"unpaid": found, "paid": other}


def _noted(case: Case, account: Account) -> dict[str, Any]:
    """What is not paid goes first, the rest is credit."""
    account.owe([money_of(case, "invoice", "invoice_total", "charge", "total")], on=TODAY)
    paid = money_of(case, "paid", "payment") if case.has("paid", "payment") else Decimal(0)
    account.pay(paid, on=TODAY)
    before = account.open_amounts()[0]
    account.credit_newest(abs(money_of(case, *_NOTE)), on=TODAY)
    after, credit = account.open_amounts()[0], account.credit()
    offset = before - after
    still_owed = ("invoice_balance", "due", "amount_due", "amount_remaining", "remaining", "balance")
    return {**dict.fromkeys(still_owed, after),
            **dict.fromkeys(("offset", "reduced", "pre_payment_amount"), offset),
            **dict.fromkeys(("post_payment_amount", "refund", "refundable", "credit", "credit_left", "account_credit",
                             "credit_balance", "customer_balance"), credit),
            **dict.fromkeys(("charged", "charged_amount"), account.balance() + paid),
            "account_balance": account.balance()}


def _noted_in_parts(case: Case, account: Account) -> dict[str, Any]:
    """Credit notes about parts of a taxed charge, one after the other: what stands on each, and their sum."""
    account.owe([money_of(case, "net")], on=TODAY, tax=percent_of(case))
    whole, tax = account.open_amounts()[0], account.open_amounts()[0] - money_of(case, "net")
    noted = [account.note_parts(amount(each), on=TODAY + timedelta(days=1)) for each in case.given["credit_notes"]]
    credited = sum((note["total"] for note in noted), Decimal(0))
    return {"invoice_total": whole, "invoice_tax": tax, "credit_notes": noted, "taxes": [note["tax"] for note in noted],
            "totals": [note["total"] for note in noted], "sum": credited, "credited": credited,
            "total_credited": credited, "remaining": whole - credited}


def _refunds(case: Case, account: Account) -> dict[str, Any]:
    """Money paid back, one part after the other: what of the invoice is open again after each."""
    _owed_and_paid(case, account)
    paid, balances, refunded = account.open_amounts()[0], [], Decimal(0)
    for told in case.given["refunds"]:
        back, is_adjusted = _back(told)
        account.refund(back, on=TODAY, unapplies=True)
        if is_adjusted:
            account.credit_newest(back, on=TODAY)
        balances.append(account.open_amounts()[0])
        refunded += back
    return {"after_pay": paid, "refunded": refunded, "total_refunded": refunded, "after_refunds": balances,
            "balances": balances, "invoice_balance": balances[-1],
            "account_balance": account.balance()}


def _back(told: Any) -> tuple[Decimal, bool]:
    """An amount that is paid back, and whether the invoice is adjusted by it."""
    facts = dict(told) if isinstance(told, dict) else {"amount": told}
    adjusted = next((facts.pop(name) for name in _ADJUSTED if name in facts), False)
    if facts.keys() != {"amount"} or not isinstance(adjusted, bool):
        raise CannotExpress(f"money paid back with {', '.join(facts)} is not known here")
    return amount(facts["amount"]), adjusted


def _refund(case: Case, account: Account) -> dict[str, Any]:
    """Money paid back: without a credit note the invoice is open again, with one nothing is owed."""
    back = money_of(case, "refund")
    _owed_and_paid(case, account)
    found: dict[str, Any] = {"after_pay": account.open_amounts()[0]}
    account.refund(back, on=TODAY, unapplies=account.credit() < back)
    owed = {"balance": account.balance(), "invoice_balance": account.open_amounts()[0],
            "account_balance": account.balance()}
    found |= {"without_adjustment": owed, "no_adjustment": owed, "after_refund": owed["balance"], **owed,
              "credit_left": account.credit()}
    if not any(name.startswith("with_") for name in case.expected):
        return found
    other = Account()
    _owed_and_paid(case, other)
    note = other.credit_newest(back, on=TODAY)
    other.refund(back, on=TODAY)
    adjusted = {"balance": other.balance(), "invoice_balance": other.open_amounts()[0],
                "lines": [{"type": "REPAIR", "amount": note}]}
    return found | {"with_adjustment": adjusted, "with_item_adjustment": adjusted}


def _charged_back(case: Case, account: Account) -> dict[str, Any]:
    """A payment that bounces, or is charged back: what it settled is open again."""
    _owed_and_paid(case, account)
    paid = account.open_amounts()[0]
    if account.reverse_newest(on=TODAY) != money_of(case, *_BOUNCED):
        raise CannotExpress("a part of a payment cannot be reversed")
    owed, left = account.open_amounts()[0], account.credit()
    after = dict.fromkeys(("after_chargeback", "after_bounce", "invoice_balance"), owed) | {"after_reversal": owed}
    if case.has("chargeback") and _REVERSED & case.expected.keys():
        # The bank gives the money after all: it is paid again.
        account.pay(money_of(case, "chargeback"), on=TODAY)
        after |= dict.fromkeys(_REVERSED, account.open_amounts()[0])
    return {"after_pay": paid, **after, "account_balance": account.balance(), "credit_left": left}


def _written_off(case: Case, account: Account) -> dict[str, Any]:
    """What is open of an invoice, its tax too, is given up."""
    account.owe([money_of(case, "invoice", "charge", "net")], on=TODAY, tax=percent_of(case))
    if case.has("paid"):
        account.pay(money_of(case, "paid"), on=TODAY)
    lost = account.open_amounts()[0]
    if not isinstance(case.given["write_off"], bool) and money_of(case, "write_off") != lost:
        raise CannotExpress("all that is open of an invoice is written off")
    account.write_off_newest(on=TODAY)
    if case.has(*_NOTE):
        account.credit_newest(abs(money_of(case, *_NOTE)), on=TODAY)
    if case.has(*_LATE):
        account.pay(money_of(case, *_LATE), on=TODAY + timedelta(days=40))
    owed = account.open_amounts()[0]
    return {"written_off": lost, "credit_note": lost, "balance": owed, "invoice_balance": owed, "due": owed,
            "account_balance": account.balance(), "bad_debt": account.bad_debt(), "credit_left": account.credit()}


def _voided(case: Case, account: Account) -> dict[str, Any]:
    """An invoice that is taken back, paid or not."""
    if case.given["void"] is not True:
        raise CannotExpress("a whole invoice is voided")
    account.owe([money_of(case, "invoice", "charge", "net")], on=TODAY, tax=percent_of(case))
    if case.has("paid"):
        account.pay(money_of(case, "paid"), on=TODAY + timedelta(days=1))
    account.void_newest(on=TODAY + timedelta(days=1))
    return {"credit": account.credit(), "due": sum(account.open_amounts()), "account_balance": account.balance(),
            "credit_left": account.credit(), "invoice_balance": sum(account.open_amounts()),
            "status": account.status()}


def percent_of(case: Case) -> Decimal | None:
    rate = case.find("tax_rate", "rate")
    return None if rate is None else Decimal(str(rate))


def _owed_and_paid(case: Case, account: Account) -> None:
    account.owe([money_of(case, "charge", "invoice")], on=TODAY)
    for paid in case.find("payments", default=[case.find("paid", "pay", "payment")]):
        account.pay(amount(paid), on=TODAY)


def _paid_twice(case: Case, account: Account) -> dict[str, Any]:
    start = day(case.given["invoice"])
    account.subscribe(Decimal(100), on=start)
    account.bill(on=start)
    for _ in range(int(case.given["mark_paid_times"])):
        account.pay(Decimal(100), on=start, key="the same payment")
    next_due = account.due_on()
    wrong = str(case.expected.get("wrong"))
    return {"next_due": next_due, "wrong": "what came out too" if wrong.startswith(str(next_due)) else wrong}


def money_of(case: Case, *names: str) -> Decimal:
    return amount(case.find(*names))


_READINGS: list[tuple[tuple[str, ...], Callable[[Case, Account], dict[str, Any]]]] = [
    (("refund",), _refund),
    (("refunds", "charge|invoice"), _refunds),
    (("chargeback|reversal|bounced", "charge|invoice", "paid|pay|payment"), _charged_back),
    (("write_off", "invoice|charge|net"), _written_off),
    (("void", "invoice|charge|net"), _voided),
    (("mark_paid_times", "invoice"), _paid_twice),
    (("open_invoice", "credit"), _next_bill),
    (("charge|invoice", "invoice_credit"), _credit_on_invoice),
    (("credit", "net", "tax"), _credit_then_taxed),
    (("credit", "unpaid"), _credit_over_invoices),
    (("invoice_total", "credit_note", "usage_invoice"), _credit_note_on_partly_paid),
    (("net", "rate|tax_rate", "credit_notes"), _noted_in_parts),
    (("invoice|invoice_total|charge|total", "credit_note|item_adjustment|adjustment"), _note_about_invoice),
    (("credit_notes", "invoices"), _notes_over_invoices),
    (("payment", "invoices|invoice"), _payment_over_invoices),
    (("payments", "invoices|invoice"), _payments_over_invoices),
    (("deposit", "invoice|final_invoice|charge"), _deposited),
    (("customer_credit", "invoice"), _credit_then_void),
    (("credits", "charge|invoice"), _credits_then_charge),
    (("credit_notes", "invoice"), _credit_notes),
    (("account_credit|wallet|credit", "charge|invoice"), _credit_then_charge),
]
