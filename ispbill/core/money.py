"""Money as integer minor units. One rounding rule, half up; no float may come near."""
from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol

from ispbill.core import formats
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.notations import PLAIN

LARGEST_MINOR = 10**15


@cache
def exponent(currency: str) -> int:
    """Decimal places of an ISO 4217 currency: PHP 2, JPY 0, KWD 3. Raises Invalid for an unknown code."""
    if currency not in Locale("en").currencies:
        raise Invalid(_("“%(currency)s” is not an ISO 4217 currency code.", currency=currency), field="currency")
    return get_currency_precision(currency)


def scale(amount_minor: int, numerator: int, denominator: int) -> int:
    """amount × numerator ÷ denominator in whole minor units, exact but for one rounding, halves away from zero."""
    product = 2 * abs(amount_minor) * numerator + denominator
    magnitude = product // (2 * denominator)
    return magnitude if amount_minor >= 0 else -magnitude


def round_together(exact: Sequence[Fraction]) -> list[int]:
    """Whole amounts by largest remainder that sum to the rounded sum of the exact ones, halves away from zero.

    What is taken back is shared as what was given.
    """
    if sum(exact) < 0:
        return [-amount for amount in round_together([-amount for amount in exact])]
    whole = [amount.numerator // amount.denominator for amount in exact]
    total = sum(exact, Fraction(0))
    by_remainder = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], place))
    for place in by_remainder[: scale(total.numerator, 1, total.denominator) - sum(whole)]:
        whole[place] += 1
    return whole


def to_cash(amount_minor: int, step_minor: int) -> int:
    """The amount as cash can pay it, in steps of the smallest coin (5 for 0.05; 0: any), halves away from zero."""
    return scale(amount_minor, 1, step_minor) * step_minor if step_minor > 1 else amount_minor


def in_coins(amount_minor: int, step_minor: int) -> int:
    """The least that coins can pay and that covers an amount, in steps of the smallest coin (0: any)."""
    return -(-amount_minor // step_minor) * step_minor if step_minor > 1 else amount_minor


def to_minor(text: str | Decimal, currency: str, *, field: str | None = None) -> int:
    """Minor units of an amount a person typed, such as "1,499.50".

    Raises Invalid where it is no number or has more decimals than the currency: money is never rounded silently, and
    “1499,00” is not taken for 149,900.
    """
    try:
        amount = Decimal(PLAIN.number(str(text).strip()))
    except (InvalidOperation, ValueError):
        raise Invalid(_("“%(text)s” is not an amount. Write it like 1499.50.", text=text), field=field) from None
    minor = amount.scaleb(exponent(currency)) if amount.is_finite() else None
    if minor is None or minor != minor.to_integral_value():
        raise Invalid(_("“%(text)s” is not an amount in %(currency)s: it has %(exponent)s decimals.", text=text,
                        currency=currency, exponent=exponent(currency)), field=field)
    if abs(minor) > LARGEST_MINOR:
        raise Invalid(_("“%(text)s” is more than can be stored.", text=text), field=field)
    return int(minor)


def typed_minor(text: str, currency: str) -> int:
    """Minor units of an amount a person typed in the language that is spoken. Raises Invalid as `to_minor` does."""
    return to_minor(formats.typed(text), currency)


def typed_text(amount_minor: int, currency: str) -> str:
    """An amount as a field of a form shows it, and `typed_minor` reads it."""
    text = formats.input_text(to_major(amount_minor, currency), exponent(currency))
    return format_plain(amount_minor, currency) if text is None else text


def to_major(amount_minor: int, currency: str) -> Decimal:
    """The same amount in major units, exactly."""
    return Decimal(amount_minor).scaleb(-exponent(currency))


def format_plain(amount_minor: int, currency: str) -> str:
    """“1,499.50”: grouped digits without a symbol."""
    return f"{to_major(amount_minor, currency):,.{exponent(currency)}f}"


def format_money(amount_minor: int, currency: str) -> str:
    """“₱1,499.50” or “−₱20.00”: the amount as documents and screens print it."""
    translated = formats.money(to_major(amount_minor, currency), currency)
    if translated is not None:
        return translated
    sign = "−" if amount_minor < 0 else ""
    return f"{sign}{symbol(currency)}{format_plain(abs(amount_minor), currency)}"


def format_percent(rate_percent: Decimal) -> str:
    """“12 %” or “8.25 %”: a rate without idle zeros."""
    text = f"{rate_percent:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


@cache
def symbol(currency: str) -> str:
    """The currency's own sign, such as ₱, $ or €; the code where it has none."""
    sign = get_currency_symbol(currency, locale="en_PH" if currency == "PHP" else "en_US")
    return sign if len(sign) == 1 else f"{currency} "


def split_by_weights(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Share a total in proportion to weights by largest remainder; the parts sum to the total exactly.

    What is taken back is shared as what was given.
    """
    if total_minor < 0:
        return [-part for part in split_by_weights(-total_minor, weights)]
    whole = sum(weights)
    if whole == 0:
        raise ValueError("weights must not sum to zero")
    shares = [divmod(total_minor * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))
    for index in by_remainder[: total_minor - sum(parts)]:
        parts[index] += 1
    return parts
