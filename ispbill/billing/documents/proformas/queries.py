"""Reads everything that a proforma invoice prints."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from ispbill.billing.documents.policy import Charge, Paper, Party, TaxShare, Withdrawal
from ispbill.billing.documents.proformas.policy import ProformaPaper
from ispbill.billing.documents.queries import seller_party
from ispbill.billing.invoices.policy import tax_words
from ispbill.billing.proformas import queries as proformas
from ispbill.company import queries as company
from ispbill.company.logo import queries as logo
from ispbill.core.current import current


def proforma_paper(proforma_id: int) -> ProformaPaper | None:
    """What a proforma says, with the buyer and the seller of the day of issue."""
    row = proformas.detail(proforma_id)
    if row is None:
        return None
    paper = Paper(
        number=row.number, issued_on=row.issued_on, seller=seller_party(row.seller),
        buyer=Party(row.buyer_name, row.buyer_address, row.buyer_tax_identifier),
        account_number=row.customer.account_number, currency=current.tenant.currency,
        accent=company.settings().accent_colour, total_minor=row.total_minor, settlements=(), logo=logo.on_papers(),
        withdrawal=Withdrawal(row.issued_on, row.cancel_reason) if row.cancel_reason else None,
    )
    taxes = tuple(
        TaxShare(tax_words(tax["name"], Decimal(tax["rate_percent"]), tax.get("exemption", "")), tax["base_minor"],
                 tax["tax_minor"])
        for tax in row.taxes
    )
    return ProformaPaper(paper, row.valid_until, row.net_minor, tuple(map(_charge, row.lines)), taxes, row.note,
                         row.invoice.number if row.invoice else "")


def _charge(line: dict[str, Any]) -> Charge:
    includes_tax = line["tax_minor"] != 0 and line["amount_minor"] == line["net_minor"] + line["tax_minor"]
    return Charge(line["description"], "", None, line["quantity"], line["unit_price_minor"], line["amount_minor"],
                  includes_tax)
