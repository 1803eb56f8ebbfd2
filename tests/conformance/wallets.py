"""Cases of wallets: what they pay of charges, and of fees that are parts of a cent."""
from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.conformance.accounts import TODAY, money_of, percent_of
from tests.conformance.books import Account
from tests.conformance.cases import CannotExpress, Case, amount

_TIMES = re.compile(r"(?:(\d+)\s*[×x*]\s*)?([\d.]+)")
_PART = re.compile(r"[×x*]|\.\d{3}")
_AT_PERCENT = re.compile(r"@\s*([\d.]+)\s*%")


def answers(case: Case) -> dict[str, Any]:
    """What the wallet pays. Raises CannotExpress for a case of another shape."""
    if case.has("fees") and _has_parts_of_a_cent(case):
        return _sub_cent(case, Account())
    if case.has("wallet") and case.has("fees"):
        return _wallet_and_fees(case, Account())
    if case.has("wallet") and case.has("charges"):
        return _wallet(case, Account())
    raise CannotExpress(f"no reading of wallets knows {', '.join(case.given)}")


def _wallet(case: Case, account: Account) -> dict[str, Any]:
    for name in ("wallet", "top_up"):
        if case.has(name) and money_of(case, name):
            account.pay(money_of(case, name), on=TODAY)
    gross, balances, due = [], [], []
    for place, net in enumerate(case.given["charges"]):
        before = account.credit()
        account.owe([amount(net)], on=TODAY + timedelta(days=place), tax=percent_of(case))
        owed = account.open_amounts()[-1]
        balances.append(account.credit())
        due.append(owed)
        gross.append(before - balances[-1] + owed)
    return {"gross": gross, "balances": balances, "totals_due": due}


def _wallet_and_fees(case: Case, account: Account) -> dict[str, Any]:
    """One invoice of several fees, paid from the wallet as far as that reaches."""
    account.pay(money_of(case, "wallet"), on=TODAY)
    account.owe([amount(fee) for fee in case.given["fees"]], on=TODAY, tax=percent_of(case))
    applied, due = sum(account.newest_shares()), account.open_amounts()[-1]
    return {"total_before": applied + due, "total": applied + due, "credit_applied": applied, "applied": applied,
            "due": due, "balance": account.credit(), "credit_left": account.credit()}


def _sub_cent(case: Case, account: Account) -> dict[str, Any]:
    """Fees of a price with more decimals than the currency: each is rounded once, the tax once on the document."""
    told, rate = case.given["fees"], case.find("tax_rate", "rate")
    listed = told if isinstance(told, list) else re.split(r"[+,]| and ", str(told))
    fees = [_TIMES.fullmatch(str(each).strip()) for each in listed]
    at = _AT_PERCENT.search(case.description)
    if not all(fees) or not (rate or at):
        raise CannotExpress("the case tells fees in words that are not known here")
    tax = Decimal(str(rate)) if rate else Decimal(at[1]) if at else Decimal(0)
    account.rounds_by_document()
    rated = [account.rated(Decimal(fee[2])) for fee in fees if fee for _ in range(int(fee[1] or 1))]
    account.charge([fee for fee in rated if fee], on=TODAY, tax=tax)
    total = account.foreseen(on=TODAY)
    account.pay(money_of(case, "wallet") if case.has("wallet") else total + 1, on=TODAY)
    account.bill(on=TODAY)
    left, net = account.credit(), sum(rated, Decimal(0))
    return {"total_before": total, "total": total, "credit_applied": sum(account.newest_shares()),
            **dict.fromkeys(("fees", "fees_total", "net", "subtotal"), net), "tax": total - net,
            "due": account.open_amounts()[-1],
            **dict.fromkeys(("credit_left", "wallet_left", "balance", "wallet_balance"), left)}


def _has_parts_of_a_cent(case: Case) -> bool:
    """Whether fees are told as so many times a price, or with more decimals than money has."""
    fees = dict.get(case.given, "fees")
    return not isinstance(fees, list) or any(_PART.search(str(each)) for each in fees)
