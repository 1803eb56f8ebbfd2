"""Which time zones and currencies there are. Plain values in, plain values out."""
from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _


def timezone(text: str) -> str:
    """An IANA time zone. Raises Invalid for an unknown one."""
    if text not in time_zones():
        raise Invalid(_("“%(text)s” is not a time zone. Write it like Asia/Manila.", text=text), field="timezone")
    return text


def currency(text: str) -> str:
    """An ISO 4217 currency that is in use. Raises Invalid for another."""
    code = text.strip().upper()
    if code not in currencies_in_use():
        raise Invalid(_("“%(text)s” is not a currency in use. Write its ISO code, like PHP.", text=text),
                      field="currency")
    return code


@cache
def time_zones() -> frozenset[str]:
    """The names of the IANA time zones; looked up in the file system once."""
    return frozenset(available_timezones())


@cache
def currencies_in_use() -> frozenset[str]:
    """The ISO 4217 codes that are legal tender somewhere today, by the Unicode CLDR."""
    return frozenset(
        code for periods in get_global("territory_currencies").values()
        for code, _begin, end, is_tender in periods if is_tender and end is None
    )
