"""What the draft of an invoice says, word for word: the words of an invoice, and that it is none yet. Pure."""
from __future__ import annotations

from ispbill.billing.documents.policy import InvoicePaper, invoice_words, long_date
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money

NO_INVOICE = lazy("THIS IS A DRAFT. NOTHING IS OWED BY IT.")


def draft_words(draft: InvoicePaper) -> dict[str, object]:
    """The values of `invoice.typ`, with DRAFT across the sheet."""
    paper = draft.paper
    total = format_money(paper.total_minor, paper.currency)
    facts = [(_("Drafted on"), long_date(paper.issued_on)), (_("Due date"), long_date(draft.due_on)),
             (_("Account number"), paper.account_number)]
    return {
        **invoice_words(draft), "title": _("Draft invoice"), "facts": facts, "watermark": "DRAFT",
        "headline": _("%(total)s, not issued yet", total=total), "grand": (_("Total"), total), "legal": NO_INVOICE,
    }
