"""Input of the drafts' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import TextAreaField
from wtforms.validators import Length

from ispbill.billing.drafts.models import DraftInvoice
from ispbill.billing.drafts.service import LONGEST_NOTE, DraftFacts
from ispbill.billing.notes.forms import MOST_LINES, LinesForm, with_lines
from ispbill.catalogue.policy import Fee
from ispbill.catalogue.taxes.queries import Offered
from ispbill.core.i18n import lazy
from ispbill.web.forms import LocalDateField


class DraftForm(LinesForm):
    """What an invoice is to say."""

    due_on = LocalDateField(lazy("Due date"), description=lazy("By the company's terms where empty."))
    note = TextAreaField(lazy("Note"), [Length(max=LONGEST_NOTE)], description=lazy("Printed on the invoice."))

    @property
    def facts(self) -> DraftFacts:
        """What was entered."""
        return DraftFacts(self.lines(), self.due_on.data, self.note.data or "")


def draft_form(taxes: Offered, fees: Sequence[Fee], *, row: DraftInvoice | None = None) -> DraftForm:
    """The form with what a draft says now, and room for some lines more."""
    if row is None:
        return DraftForm(taxes, fees)
    said: dict[str, Any] = {"due_on": row.due_on, "note": row.note}
    for number, line in enumerate(row.lines, start=1):
        said |= {
            f"description_{number}": line["description"], f"quantity_{number}": line["quantity"],
            f"price_{number}": line["unit_price_minor"], f"tax_{number}": line["tax_rate_id"],
            f"kind_{number}": line["kind"],
        }
    form: DraftForm = with_lines(DraftForm, len(row.lines) + MOST_LINES)(taxes, fees, data=said)
    return form
