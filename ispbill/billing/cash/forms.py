"""Input of the cash desk's pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ispbill.billing.cash.policy import counted_minor, faces
from ispbill.core.current import current
from ispbill.core.errors import Invalid
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.web.forms import Form, MoneyField, options

_PIECES = "pieces_"
# While pieces are written, the page is asked what they come to; they send one another and nothing else.
_ADD_UP = {"hx-get": "", "hx-trigger": "input changed delay:300ms", "hx-include": f"[name^={_PIECES}]",
           "hx-sync": "closest form:queue last", "hx-target": "#written", "hx-select": "#written",
           "hx-swap": "outerHTML"}


class OpenForm(Form):
    """A drawer to be opened, with the float that the office gave for change."""

    float_amount = MoneyField(lazy("Float"), [Optional()], description=lazy(
        "Cash of the office that you were given for change. Somebody there signs for it. Leave empty for none."))


class PiecesForm(Form):
    """How many there are of each note and coin; made by `with_pieces`."""

    @property
    def denominations(self) -> dict[int, int]:
        """What was entered, by the value of the piece in minor units."""
        return {int(name.removeprefix(_PIECES)): value
                for name, value in self.values().items() if name.startswith(_PIECES) and value}

    @property
    def pieces(self) -> list[Any]:
        """The fields of the notes and coins, the largest first."""
        return [field for field in self if field.name.startswith(_PIECES)]

    @property
    def written_minor(self) -> int | None:
        """What the pieces written so far come to; None before the first, and where one is no number of pieces."""
        written = {field.name: request.values.get(field.name, "").strip() for field in self.pieces}
        try:
            found = {int(name.removeprefix(_PIECES)): int(text) for name, text in written.items() if text}
            return counted_minor(found, currency=current.tenant.currency) if found else None
        except (ValueError, Invalid):
            return None


Entered = TypeVar("Entered", bound=PiecesForm)


def with_pieces(kind: type[Entered]) -> Entered:
    """A form of this kind that asks for the notes and coins of the company's currency too."""
    currency = current.tenant.currency
    fields = {
        f"{_PIECES}{face}": IntegerField(format_money(face, currency), [Optional(), NumberRange(min=0)],
                                         render_kw={"inputmode": "numeric", **_ADD_UP})
        for face in faces(currency)
    }
    made: Entered = type(kind.__name__, (kind,), fields)()
    return made


class TakeOverForm(Form):
    """Where the counted cash goes, and what explains a difference."""

    place = SelectField(lazy("It goes"), choices=options([("office", lazy("to the office")),
                                                          ("drawer", lazy("into my drawer"))]))
    reason = StringField(lazy("What explains the difference"), [Length(max=500)],
                         description=lazy("Kept with the drawer. Say so where nothing does."))


class HandOverForm(Form):
    """Cash that goes from one to another."""

    way = SelectField(lazy("From whom to whom"))
    amount = MoneyField(lazy("Amount"), [InputRequired(lazy("Enter the amount."))])


class RulesForm(Form):
    """How the company handles cash."""

    cash_needs_drawer = BooleanField(lazy("Cash is taken only by who holds a drawer"), description=lazy(
        "Without a drawer, cash that is taken counts as lying in the office."))
    cash_signed_alone = BooleanField(lazy("One person may sign for both sides"), description=lazy(
        "For a company with one person at the desk. Otherwise every hand-over has two signatures."))
