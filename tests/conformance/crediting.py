"""Cases of credit notes about an invoice: how they are split, what of the tax goes with them, and when none is left."""
from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ispbill.core.errors import DomainError
from tests.conformance.accounts import TODAY, money_of
from tests.conformance.books import Account
from tests.conformance.cases import CannotExpress, Case, amount

_INVOICE = ("invoice", "invoice_total", "charge", "total")
_ADJUSTED = ("adjustment", "item_adjustment")
_ANSWERED = {"accepted", "amount_remaining", "remaining", "refused"}


def answers(case: Case) -> dict[str, Any]:
    """What the credit notes come to. Raises CannotExpress for a case of another shape."""
    for names, read in _READINGS:
        if all(case.has(*name.split("|")) for name in names):
            return read(case, Account())
    raise CannotExpress(f"no reading of credit notes knows {', '.join(case.given)}")


def _split(case: Case, account: Account) -> dict[str, Any]:
    """What an invoice owes no longer: paid back, paid back by another way, and kept for the next one."""
    account.owe([money_of(case, *_INVOICE)], on=TODAY)
    account.pay(money_of(case, "paid"), on=TODAY)
    before = account.open_amounts()[0]
    account.credit_newest(money_of(case, "credit_note"), on=TODAY)
    paid_back = {}
    for name in ("refund", "out_of_band"):
        if case.has(name):
            paid_back[name] = money_of(case, name)
            account.refund(paid_back[name], on=TODAY)
    after, kept = account.open_amounts()[0], account.credit()
    return paid_back | {"amount_remaining": after, "offset": before - after, **dict.fromkeys(
        ("credit_balance", "customer_balance", "credit", "credit_left", "balance"), kept),
        "sum": before - after + sum(paid_back.values()) + kept}


def _as_far_as_it_goes(case: Case, account: Account) -> dict[str, Any]:
    """One credit note after the other, until nothing is left of the invoice."""
    if not _ANSWERED & case.expected.keys():
        raise CannotExpress("the credit notes are not said to be about the invoice")
    account.owe([money_of(case, *_INVOICE)], on=TODAY)
    if case.has("paid"):
        account.pay(money_of(case, "paid"), on=TODAY)
    accepted = [_is_credited(account, amount(note)) for note in case.given["credit_notes"]]
    left = account.open_amounts()[0]
    return {"accepted": accepted, "refused": [not each for each in accepted], "credit_left": account.credit(),
            **dict.fromkeys(("amount_remaining", "remaining", "invoice_balance"), left)}


def _is_credited(account: Account, note: Decimal) -> bool:
    try:
        account.credit_newest(note, on=TODAY)
    except DomainError:
        return False
    return True


def _with_tax(case: Case, account: Account) -> dict[str, Any]:
    """A part of a taxed line is taken back, and of its tax what goes with it."""
    net, tax, adjusted = money_of(case, "net"), money_of(case, "tax"), abs(money_of(case, *_ADJUSTED))
    account.owe([net], on=TODAY, tax=(tax / net * 100).quantize(Decimal("0.0001")))
    whole = account.open_amounts()[0]
    account.pay(money_of(case, "paid") if case.has("paid") else whole, on=TODAY)
    note = account.note_parts(adjusted, on=TODAY)
    if case.has("tax_adjustment") and abs(money_of(case, "tax_adjustment")) != note["tax"]:
        raise CannotExpress("the tax that is taken back is that of the part, and not another")
    credit = account.credit()
    return {"tax_adjustment": -note["tax"], "credit_note": note, "total": whole - note["total"], "credit": credit,
            "account_credit": credit, "credit_left": credit, "invoice_balance": account.open_amounts()[0],
            "invoice_total": whole, "account_balance": account.balance()}


_READINGS: list[tuple[tuple[str, ...], Callable[[Case, Account], dict[str, Any]]]] = [
    (("|".join(_INVOICE), "credit_note", "paid", "refund|out_of_band"), _split),
    (("|".join(_INVOICE), "credit_notes"), _as_far_as_it_goes),
    (("net", "tax", "|".join(_ADJUSTED)), _with_tax),
]
