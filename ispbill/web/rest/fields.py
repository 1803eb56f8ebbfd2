"""Fields of JSON bodies and queries. Each takes one type of JSON value and nothing that merely looks like it.

Python would take `true` for 1, `5.0` for 5 and "5" for 5; where money is meant, that is an error, not a courtesy.
"""
from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, missing, validate

from ispbill.core.current import current
from ispbill.core.money import LARGEST_MINOR
from ispbill.core.text import is_storable

_DIGITS = re.compile(r"[0-9]{1,18}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


class Text(fields.String):
    """Text without outer blanks, of at most `most` characters, all of which PostgreSQL can hold."""

    def __init__(self, *, most: int = 200, least: int = 0, **options: Any) -> None:
        super().__init__(validate=validate.Length(min=least or None, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **options)
        if not is_storable(text):
            raise ValidationError("This text has characters that cannot be stored.")
        return text.strip()


class Choice(fields.String):
    """A member of a vocabulary; OpenAPI lists the members."""

    def __init__(self, members: type[StrEnum] | tuple[str, ...], **options: Any) -> None:
        allowed = [str(member) for member in members]
        super().__init__(validate=validate.OneOf(allowed, error=f"Use one of: {', '.join(allowed)}."), **options)


class Identifier(fields.String):
    """A row's id: an int here, a string of digits in JSON, so that no client rounds it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"pattern": r"^[0-9]{1,18}$", "examples": ["1024"]}, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:  # type: ignore[override]
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise ValidationError("An id is a string of digits.")
        return int(value)


class GivenIdentifier(Identifier):
    """An id at an address that was given to us: its callers send a JSON integer or a string of digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:  # type: ignore[override]
        return super()._deserialize(str(value) if type(value) is int else value, attr, data, **options)


class MajorAmount(fields.Decimal):
    """Money in major units at an address that was given to us: 150 or 150.50, a JSON number or a decimal as text.

    It is read by its digits, exactly; our own operations use MinorUnits.
    """

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> int | float | None:  # type: ignore[override]
        return None if value is None else int(value) if value == value.to_integral_value() else float(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Decimal:
        if type(value) in (int, float, str) and _DECIMAL.fullmatch(str(value)):
            return Decimal(str(value))
        raise ValidationError("Send an amount like 150 or 150.50.")


class WholeNumber(fields.Integer):
    """A JSON integer within bounds: no boolean, no fraction, no text."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if type(value) is not int:
            raise ValidationError("Send a whole number.")
        return value


class MinorUnits(WholeNumber):
    """An amount of money in whole minor units (centavos, cents), such as 149900 for 1,499.00."""

    def __init__(self, *, least: int = 0, **options: Any) -> None:
        super().__init__(least=least, most=LARGEST_MINOR, metadata={"examples": [149900]}, **options)


class QueryNumber(WholeNumber):
    """A whole number in a query, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            raise ValidationError("Write a whole number.")
        return int(value)


class Currency(fields.String):
    """The company's currency. A body may name it, to be refused where the company has another; then it is left out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"description": "ISO 4217 code", "examples": ["PHP"]}, **options)

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **options: Any) -> str:
        """Every amount of a company is in its one currency."""
        return current.tenant.currency

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if value != current.tenant.currency:
            raise ValidationError(f"Amounts are in {current.tenant.currency} here.")
        return missing


class Day(fields.Date):
    """A calendar day in the company's time zone, as YYYY-MM-DD."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> date:
        try:
            day = date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
        except ValueError:
            day = None
        if day is None or not _FIRST_DAY <= day <= _LAST_DAY:
            raise ValidationError("Write a day like 2026-03-31, between 1900 and 2199.")
        return day


class DecimalText(fields.String):
    """A decimal number as text, such as "14.599512", so that no binary fraction comes near it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,12})?$"}, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Decimal:  # type: ignore[override]
        try:
            if isinstance(value, str) and _DECIMAL.fullmatch(value):
                return Decimal(value)
        except InvalidOperation:
            pass
        raise ValidationError("Write a decimal number as text, like “14.599512”.")
