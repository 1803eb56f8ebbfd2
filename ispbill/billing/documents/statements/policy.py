"""What a statement of account says, word for word. Pure."""
from __future__ import annotations

from dataclasses import dataclass

from ispbill.billing.documents.policy import SUPPLEMENTARY_WORDS, Party, long_date, page_words, party_words
from ispbill.billing.statements.policy import Row, Statement
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """A statement with the seller and the buyer of the day on which it is printed."""

    statement: Statement
    seller: Party
    buyer: Party
    account_number: str
    currency: str
    accent: str
    note: str
    logo: str = ""


def statement_words(paper: StatementPaper) -> dict[str, object]:
    """The values of `statement.typ`."""
    statement, currency = paper.statement, paper.currency
    closing = format_money(abs(statement.closing_minor), currency)
    ages = [(name, format_money(amount_minor, currency)) for name, amount_minor in statement.ages]
    if statement.credit_minor:
        ages.append((_("Credit not used yet"), format_money(-statement.credit_minor, currency)))
    return {
        "title": _("Statement of account"), "number": paper.account_number, "accent": paper.accent,
        "logo": paper.logo, "page": page_words(), "watermark": None, "notice": None,
        "seller": party_words(paper.seller, currency), "buyer": party_words(paper.buyer, currency),
        "facts": [
            (_("Account number"), paper.account_number), (_("From"), long_date(statement.since)),
            (_("To"), long_date(statement.until)),
            (_("Opening balance"), format_money(statement.opening_minor, currency)),
            (_("Charged"), format_money(statement.charged_minor, currency)),
            (_("Paid or credited"), format_money(statement.paid_minor, currency)),
        ],
        "headline": _headline(statement.closing_minor, closing, on=long_date(statement.until)),
        "from": _("Account of"), "headings": (_("Day"), _("What"), _("Charged"), _("Paid"), _("Balance")),
        "opening": (long_date(statement.since), _("Opening balance"), format_money(statement.opening_minor, currency)),
        "ages_heading": _("What is open, by how long it has been due"),
        "lines": [_row_words(row, currency) for row in statement.rows], "ages": ages,
        "grand": (_("Balance on %(long_date)s", long_date=long_date(statement.until)),
                  format_money(statement.closing_minor, currency)),
        "legal": SUPPLEMENTARY_WORDS.get(currency, ""), "note": paper.note,
    }


def _headline(closing_minor: int, closing: str, *, on: str) -> str:
    if closing_minor == 0:
        return _("Nothing is owed on %(on)s", on=on)
    if closing_minor > 0:
        return _("%(amount)s owed on %(on)s", amount=closing, on=on)
    return _("%(amount)s in your favour on %(on)s", amount=closing, on=on)


def _row_words(row: Row, currency: str) -> dict[str, str]:
    amount = format_money(abs(row.amount_minor), currency)
    return {
        "day": long_date(row.posted_on), "memo": row.memo, "charged": amount if row.amount_minor > 0 else "",
        "paid": amount if row.amount_minor < 0 else "", "balance": format_money(row.balance_minor, currency),
    }
