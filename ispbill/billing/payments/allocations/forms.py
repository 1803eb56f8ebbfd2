"""Input of the allocations' pages: an amount for each open invoice."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ispbill.billing.invoices.models import Invoice
from ispbill.core.i18n import gettext as _
from ispbill.web.forms import Form, MoneyField


class ApplyForm(Form):
    """How much settles which invoice. Its fields are made by `apply_form`."""

    def amounts(self) -> dict[int, int]:
        """What was entered, in minor units by invoice."""
        return {int(name.removeprefix("invoice_")): field.data for name, field in self._fields.items()
                if name.startswith("invoice_") and field.data}

    def rows(self, invoices: Sequence[Invoice]) -> list[tuple[Invoice, Any]]:
        """Each invoice with its field, as the page draws them."""
        return [(invoice, self[f"invoice_{invoice.id}"]) for invoice in invoices]


def apply_form(invoices: Sequence[Invoice]) -> ApplyForm:
    """The form with a field for each open invoice."""
    fields = {f"invoice_{invoice.id}": MoneyField(_("Settles of %(number)s", number=invoice.number))
              for invoice in invoices}
    made: ApplyForm = type("ApplyToInvoicesForm", (ApplyForm,), fields)()
    return made
