"""What people enter about taxes."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from ispbill.catalogue.models import TaxMode
from ispbill.catalogue.taxes.policy import ComponentKind, TaxComponent, tax_percent
from ispbill.catalogue.taxes.queries import Offered
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField, optional_id, options

KIND_LABELS = {
    ComponentKind.PERCENT.value: lazy("Percent of the price"),
    ComponentKind.DIVISION.value: lazy("Percent of the price with the tax in it"),
    ComponentKind.PER_UNIT.value: lazy("Amount for each unit"),
    ComponentKind.PER_DOCUMENT.value: lazy("Amount once for each invoice"),
}
MOST_PARTS = 4
_MODES = [
    (TaxMode.INCLUSIVE.value, lazy("Inclusive: prices contain the tax")),
    (TaxMode.EXCLUSIVE.value, lazy("Exclusive: the tax is added to prices")),
]


class TaxForm(Form):
    """A new tax."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the tax a name, such as VAT."))])
    rate_percent = StringField(lazy("Rate in percent"), [InputRequired(lazy("Give the rate, like 12."))])
    mode = RadioField(lazy("Prices"), choices=options(_MODES), default=TaxMode.INCLUSIVE.value)


class UsualTaxForm(Form):
    """The tax that lines written by hand bear unless somebody chooses another."""

    tax_rate_id = IdField(lazy("Tax"))


class LineTaxField(IdField):
    """The tax of a line written by hand; what stands there before anybody chooses is preselected."""

    def offer_taxes(self, offered: Offered) -> None:
        """Set the choices: the usual tax, none, the others in use, and the retired one that the line has already."""
        pairs = [(str(key), name) for key, name in offered.in_use]
        pairs.insert(0 if offered.usual_id is None else 1, ("", _("No tax")))
        retired = offered.retired.get(self.preselected or 0)
        if retired:
            pairs.append((str(self.preselected), retired))
        self.choices = options(pairs)

    @property
    def preselected(self) -> int | None:
        """What stood there when the page was made."""
        return optional_id(self.object_data)

    @property
    def chosen(self) -> int | None:
        """What somebody chose themselves; None where it was left as it stood."""
        chosen: int | None = self.data
        return None if chosen == self.preselected else chosen


class TaxNameForm(Form):
    """Another name for a tax."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the tax a name, such as VAT."))])


class VersionForm(Form):
    """What a tax consists of from a day on: up to four parts, those without a name left out."""

    valid_from = LocalDateField(lazy("From"), [InputRequired(lazy("Say from which day."))])

    def components(self) -> list[TaxComponent]:
        """The parts that were entered, in their order. Raises Invalid for what is no rate."""
        return [self._part(number) for number in numbers() if self[f"name_{number}"].data]

    def parts(self) -> Iterable[Sequence[Any]]:
        """The fields of each part, as the page draws them."""
        names = ("name", "kind", "rate_percent", "amount", "mode", "raises_next", "ignores_previous")
        return [[self[f"{name}_{number}"] for name in names] for number in numbers()]

    def _part(self, number: int) -> TaxComponent:
        def entered(name: str) -> Any:
            return self[f"{name}_{number}"].data

        kind = entered("kind")
        is_fixed = TaxComponent("", kind).is_fixed
        return TaxComponent(
            name=entered("name"), kind=kind, amount_minor=entered("amount") or 0,
            rate_percent=Decimal(0) if is_fixed else tax_percent(entered("rate_percent") or ""),
            is_inclusive=entered("mode") == TaxMode.INCLUSIVE, raises_next=entered("raises_next"),
            ignores_previous=entered("ignores_previous"),
        )


def numbers() -> range:
    """The numbers of the parts a version can be entered with."""
    return range(1, MOST_PARTS + 1)


def entered(components: Sequence[TaxComponent]) -> dict[str, object]:
    """Parts as the form holds them."""
    values: dict[str, object] = {}
    for number, part in enumerate(components, start=1):
        values |= {
            f"name_{number}": part.name, f"kind_{number}": part.kind, f"amount_{number}": part.amount_minor or None,
            f"rate_percent_{number}": f"{part.rate_percent.normalize():f}" if part.rate_percent else "",
            f"mode_{number}": TaxMode.INCLUSIVE.value if part.is_inclusive else TaxMode.EXCLUSIVE.value,
            f"raises_next_{number}": part.raises_next, f"ignores_previous_{number}": part.ignores_previous,
        }
    return values


def _add_parts() -> None:
    for number in numbers():
        fields = {
            "name": StringField(lazy("Name on invoices")),
            "kind": SelectField(lazy("How it is found"), choices=options(KIND_LABELS.items()), validate_choice=False),
            "rate_percent": StringField(lazy("Rate in percent")),
            "amount": MoneyField(lazy("Amount")),
            "mode": SelectField(lazy("Prices"), choices=options(_MODES), validate_choice=False),
            "raises_next": BooleanField(lazy("The parts below are found on the price with this part")),
            "ignores_previous": BooleanField(lazy("Found on the price without the parts above")),
        }
        for name, field in fields.items():
            setattr(VersionForm, f"{name}_{number}", field)


_add_parts()
