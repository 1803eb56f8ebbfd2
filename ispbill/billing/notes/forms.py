"""Input of the notes' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.notes.policy import Creditable, Take
from ispbill.billing.notes.service import LONGEST_DESCRIPTION, CreditFacts, NewLine
from ispbill.catalogue.policy import Fee, Wanted
from ispbill.catalogue.taxes.forms import LineTaxField
from ispbill.catalogue.taxes.queries import Offered
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, MoneyField, options

KIND_LABELS = {
    ChargeKind.ONE_TIME.value: lazy("Fee or sale"), ChargeKind.USAGE.value: lazy("Usage"),
    ChargeKind.LATE_FEE.value: lazy("Late fee"), ChargeKind.ADJUSTMENT.value: lazy("Service"),
}
MOST_LINES = 5
_FIELDS = ("item", "description", "quantity", "price", "tax", "kind")
_SAID = ("item", "description", "quantity", "price", "kind")
_REASON = lazy("Printed on the note.")


class CreditForm(Form):
    """What is taken back. Its fields for each line are made by `credit_form`."""

    whole = BooleanField(lazy("All that is left of the document"))
    bills_again = BooleanField(lazy("What is credited may be billed again"), description=lazy(
            "Only for lines credited in full."))
    reason = StringField(lazy("Reason"), [InputRequired(lazy("Say why: the note prints it.")), Length(max=500)],
                         description=_REASON)
    lines: Sequence[Creditable] = ()

    def facts(self) -> CreditFacts:
        """What was entered, as the verb takes it."""
        takes = {} if self.whole.data else self._takes()
        return CreditFacts(reason=self.reason.data or "", takes=takes, bills_again=self.bills_again.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was entered can be read, and says how much."""
        is_valid: bool = super().validate(extra_validators)
        if is_valid and not self.whole.data and not self._takes():
            self.form_errors.append(_("Say how much is taken back: of which line, or all that is left."))
            return False
        return is_valid

    def rows(self) -> Iterable[tuple[Creditable, list[Any]]]:
        """Each line with its fields, as the page draws them."""
        return [(line, [self[f"{name}_{line.id}"] for name in ("days", "quantity", "amount")
                        if f"{name}_{line.id}" in self]) for line in self.lines]

    def _takes(self) -> dict[int, Take]:
        takes = {}
        for line in self.lines:
            days, quantity, amount_minor = (
                self[f"{name}_{line.id}"].data if f"{name}_{line.id}" in self else None
                for name in ("days", "quantity", "amount")
            )
            if days is not None or quantity is not None or amount_minor is not None:
                takes[line.id] = Take(amount_minor, None if amount_minor is not None else quantity,
                                      None if amount_minor is not None or quantity is not None else days)
        return takes


def credit_form(lines: Sequence[Creditable]) -> CreditForm:
    """The form with fields for each line that can be credited: days, quantity, or an amount."""
    fields: dict[str, Any] = {"lines": lines}
    for line in lines:
        if line.left_minor < 0:
            continue
        if line.period is not None:
            fields[f"days_{line.id}"] = IntegerField(_("Days, of %(days)s", days=line.period.days), [Optional()])
        if line.quantity > 1:
            fields[f"quantity_{line.id}"] = IntegerField(_("Quantity, of %(quantity)s", quantity=line.quantity),
                                                         [Optional()])
        has_tax = line.tax_minor and not line.is_gross
        fields[f"amount_{line.id}"] = MoneyField(_("Amount before tax") if has_tax else _("Amount"))
    made: CreditForm = type("CreditOfLinesForm", (CreditForm,), fields)()
    return made


class LinesForm(Form):
    """Lines of a document that is made by hand; those without a description are left out."""

    line_count = MOST_LINES
    fees: Mapping[int, Fee] = MappingProxyType({})

    def __init__(self, taxes: Offered, fees: Sequence[Fee] = (), *, data: Mapping[str, Any] | None = None) -> None:
        """With the choices of taxes, the usual one on each line that says nothing else, and what is charged once."""
        super().__init__(data={f"tax_{number}": taxes.usual_id for number in self.numbers()} | dict(data or {}))
        self.fees = {fee.id: fee for fee in fees}
        for number in self.numbers():
            self[f"tax_{number}"].offer_taxes(taxes)
            self[f"item_{number}"].offer([(fee.id, fee.name) for fee in fees], empty=_("Nothing: written by hand"))

    def lines(self) -> list[NewLine]:
        """What was entered, as verbs take it."""
        found = []
        for number in self.numbers():
            item, description, quantity, price, kind = (self[f"{name}_{number}"].data for name in _SAID)
            tax = self[f"tax_{number}"]
            fee = self.fees.get(item or 0)
            line = Wanted(description or "", price, tax.chosen if fee else tax.data).completed(fee)
            if line.description or line.unit_price_minor:
                found.append(NewLine(line.description, line.unit_price_minor or 0, 1 if quantity is None else quantity,
                                     line.tax_rate_id, kind))
        return found

    def fields_of(self, number: int) -> list[Any]:
        """The fields of a line."""
        return [self[f"{name}_{number}"] for name in _FIELDS]

    def rows(self) -> Iterable[Sequence[Any]]:
        """The fields of each line, as the page draws them."""
        return [self.fields_of(number) for number in self.numbers()]

    def numbers(self) -> range:
        """The numbers of the lines that can be entered at once."""
        return range(1, self.line_count + 1)


class DebitForm(LinesForm):
    """What is owed on top, and why."""

    reason = StringField(lazy("Reason"), [InputRequired(lazy("Say why: the note prints it.")), Length(max=500)],
                         description=_REASON)


def with_lines(form: type[LinesForm], count: int) -> type[Any]:
    """The form with so many lines instead of the usual ones."""
    return type(form.__name__, (form,), {"line_count": count, **_line_fields(range(MOST_LINES + 1, count + 1))})


def _line_fields(numbers: Iterable[int]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for number in numbers:
        fields |= {
            f"item_{number}": IdField(lazy("From the catalogue")),
            f"description_{number}": StringField(lazy("What for"), [Length(max=LONGEST_DESCRIPTION)]),
            f"quantity_{number}": IntegerField(lazy("Quantity"), [Optional()], default=1),
            f"price_{number}": MoneyField(lazy("Price of one")),
            f"tax_{number}": LineTaxField(lazy("Tax")),
            f"kind_{number}": SelectField(lazy("Booked as"), choices=options(KIND_LABELS.items()),
                                          default=ChargeKind.ONE_TIME.value),
        }
    return fields


for _name, _field in _line_fields(range(1, MOST_LINES + 1)).items():
    setattr(LinesForm, _name, _field)
