"""What each business event means in double entry. Debits are positive, credits negative; every entry sums to zero."""
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from ispbill.core.i18n import lazy


class AccountPurpose(StrEnum):
    """The accounts that postings find by their purpose, whatever code and name the tenant gave them.

    Withholding is the tax that customers kept back (BIR 2307); deposits and deferred revenue are owed until returned
    or used up; discounts lessen income; opening balances are what was brought over from the former books. Cash over and
    short is what counts of drawers found beyond the expected, or missing; the owner's is the money they brought in.
    """

    CASH = "cash"
    BANK = "bank"
    GATEWAY_CLEARING = "gateway_clearing"
    RECEIVABLE = "receivable"
    WITHHOLDING = "withholding"
    DEFERRED_REVENUE = "deferred_revenue"
    DEPOSITS = "deposits"
    TAX_PAYABLE = "tax_payable"
    OPENING = "opening"
    REVENUE = "revenue"
    USAGE_REVENUE = "usage_revenue"
    OTHER_INCOME = "other_income"
    LATE_FEES = "late_fees"
    DISCOUNTS = "discounts"
    BAD_DEBT = "bad_debt"
    ROUNDING = "rounding"
    CASH_OVER_SHORT = "cash_over_short"
    OWNER = "owner"


# What a journal entry was written for, by its `source`, as people name it.
SOURCES: dict[str, str] = {
    "invoice": lazy("Invoices"), "payment": lazy("Payments"), "merge": lazy("Merged customers"),
    "prepaid_load": lazy("Prepaid loads"),
    "prepaid_recognition": lazy("Prepaid time earned"), "refund": lazy("Refunds"), "write_off": lazy("Write-offs"),
    "cash_session": lazy("Cash differences"), "cash_deposit": lazy("Cash deposits"),
    "cash_intake": lazy("Cash brought in"),
}

# Sources that are asked for together.
GROUPS: dict[str, tuple[str, ...]] = {"prepaid": ("prepaid_load", "prepaid_recognition")}
# A document of these has one entry, and a second one where it was taken back.
TAKEN_BACK = ("invoice", "payment")


class Posting(NamedTuple):
    """One side of an entry; receivable postings name the customer."""

    purpose: AccountPurpose
    amount_minor: int
    customer_id: int | None = None


def invoice_issued(*, customer_id: int, nets: Mapping[str, int], tax_minor: int) -> list[Posting]:
    """The customer owes the total; the nets, by the purpose of their account, are revenue or what else was sold.

    The tax is owed to the state (VAT is due on billed sales). A credit note is the same with negative amounts.
    """
    return _without_zeros(
        Posting(AccountPurpose.RECEIVABLE, sum(nets.values()) + tax_minor, customer_id),
        *(Posting(AccountPurpose(purpose), -net_minor) for purpose, net_minor in nets.items()),
        Posting(AccountPurpose.TAX_PAYABLE, -tax_minor),
    )


def payment_received(*, customer_id: int, amount_minor: int, method: str) -> list[Posting]:
    """Money is in the drawer or at the bank, and the customer owes that much less.

    Tax that the customer withheld is owed by the state until it is set off.
    """
    return [Posting(_place(method), amount_minor), Posting(AccountPurpose.RECEIVABLE, -amount_minor, customer_id)]


def refund_paid(*, customer_id: int, amount_minor: int, method: str) -> list[Posting]:
    """Credit of the customer is paid back from the drawer or the bank."""
    return reversed_postings(payment_received(customer_id=customer_id, amount_minor=amount_minor, method=method))


def written_off(*, customer_id: int, amount_minor: int) -> list[Posting]:
    """The customer is not expected to pay: a loss, tax included. Taken back where they pay after all."""
    return [Posting(AccountPurpose.BAD_DEBT, amount_minor),
            Posting(AccountPurpose.RECEIVABLE, -amount_minor, customer_id)]


def cash_found(variance_minor: int) -> list[Posting]:
    """A count found more cash than expected; less than zero: cash is missing, a loss."""
    return [Posting(AccountPurpose.CASH, variance_minor), Posting(AccountPurpose.CASH_OVER_SHORT, -variance_minor)]


def cash_deposited(amount_minor: int) -> list[Posting]:
    """Cash is paid in at the bank."""
    return [Posting(AccountPurpose.BANK, amount_minor), Posting(AccountPurpose.CASH, -amount_minor)]


def cash_brought_in(amount_minor: int, *, origin: str) -> list[Posting]:
    """Cash for change comes from the bank, or is the owner's money: `origin` is the purpose of the account."""
    return [Posting(AccountPurpose.CASH, amount_minor), Posting(AccountPurpose(origin), -amount_minor)]


def account_moved(balances: Mapping[AccountPurpose, int], *, from_id: int, to_id: int) -> list[Posting]:
    """One customer turned out to be another: what stands on their accounts is the other's now."""
    return _without_zeros(*(
        Posting(purpose, amount_minor, customer_id)
        for purpose, balance_minor in balances.items()
        for amount_minor, customer_id in ((-balance_minor, from_id), (balance_minor, to_id))
    ))


def reversed_postings(postings: list[Posting]) -> list[Posting]:
    """The entry that takes another back."""
    return [Posting(posting.purpose, -posting.amount_minor, posting.customer_id) for posting in postings]


def _place(method: str) -> AccountPurpose:
    places = {"cash": AccountPurpose.CASH, "withholding": AccountPurpose.WITHHOLDING}
    return places.get(method, AccountPurpose.BANK)


def _without_zeros(*postings: Posting) -> list[Posting]:
    return [posting for posting in postings if posting.amount_minor]
