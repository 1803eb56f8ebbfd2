"""Input of the pages of printing."""
from __future__ import annotations

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from ispbill.billing.documents.prints.models import SORT_LABELS, PrintSort
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField, options


class PrintForm(Form):
    """In which order documents are printed."""

    sorted_by = SelectField(
        lazy("Order"), choices=options(SORT_LABELS.items()), default=PrintSort.AREA,
        description=lazy("By area, a collector takes their part of the pile."))

    @property
    def sort(self) -> PrintSort:
        """What was chosen."""
        return PrintSort(self.sorted_by.data)


class PrintStatementsForm(PrintForm):
    """From when to when the statements reach."""

    since = LocalDateField(lazy("From"), [InputRequired(lazy("Say from which day."))])
    until = LocalDateField(lazy("To"), [InputRequired(lazy("Say to which day."))])


class PrintBatchForm(PrintForm):
    """Whose statements of a batch are printed."""

    whose = RadioField(lazy("Whose"), choices=options([
        ("no_address", lazy("Those who have no e-mail address")), ("all", lazy("Everybody in this batch"))]),
        default="no_address")
