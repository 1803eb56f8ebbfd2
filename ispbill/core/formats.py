"""How dates, times, counts and amounts read in the language that is spoken.

English is written one way, whatever the country; other languages follow CLDR. What programs read (files, JSON, fields
of the type date) is not formatted here.
"""
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import phonenumbers
from babel import Locale, localedata
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time
from babel.localedata import locale_identifiers
from babel.numbers import format_currency, format_decimal, get_decimal_symbol, get_group_symbol

from ispbill.core.i18n import locale


def default_locale(timezone: str) -> str:
    """English as written in the country of a time zone: en_PH for Asia/Manila; en where nothing is known of that."""
    name = f"en_{country_of(timezone)}"
    return name if localedata.exists(name) else "en"


def locales_of(timezone: str) -> list[str]:
    """What a company in a time zone may choose from: the languages of its country, and English."""
    country = country_of(timezone)
    own = [name for name in locale_identifiers() if country and name.endswith(f"_{country}")]
    return sorted({*own, default_locale(timezone), "en_US", "en_GB", "de_DE", "es_ES", "fr_FR", "pt_BR", "id_ID"})


def language_name(name: str) -> str:
    """A locale as its speakers call it: “Filipino (Pilipinas)”."""
    return str(Locale.parse(name).get_display_name() or name)


def short_date(day: date) -> str:
    """“9 Dec 2026”."""
    if _is_english():
        return f"{day.day} {day:%b %Y}"
    return str(format_skeleton("yMMMd", day, locale=locale()))


def long_date(day: date) -> str:
    """“9 December 2026”: no country reads it wrongly."""
    if _is_english():
        return f"{day.day} {day:%B %Y}"
    return str(format_date(day, "long", locale=locale()))


def month(day: date) -> str:
    """“Dec 2026”."""
    return f"{day:%b %Y}" if _is_english() else str(format_skeleton("yMMM", day, locale=locale()))


def month_name(day: date) -> str:
    """“Dec”."""
    return f"{day:%b}" if _is_english() else str(format_skeleton("MMM", day, locale=locale()))


def day_of_month(day: date) -> str:
    """“9 Dec”."""
    return f"{day.day} {day:%b}" if _is_english() else str(format_skeleton("MMMd", day, locale=locale()))


def clock(moment: datetime) -> str:
    """“14:05”, of the zone that the moment is in."""
    if _is_english():
        return f"{moment:%H:%M}"
    return str(format_time(moment, "short", tzinfo=moment.tzinfo, locale=locale()))


def day_and_time(moment: datetime) -> str:
    """“9 Dec 2026, 14:05”."""
    return f"{short_date(moment.date())}, {clock(moment)}"


def country_of(timezone: str) -> str | None:
    """The country a time zone belongs to, such as PH for Asia/Manila (CLDR); None where there is none."""
    country: str | None = get_global("zone_territories").get(timezone)
    return country if country and country not in ("ZZ", "001") else None


@lru_cache(maxsize=4096)
def phone(stored: str, *, country: str | None) -> str:
    """“0917 123 4567” in its own country, “+63 917 123 4567” elsewhere; what was kept as typed stays so."""
    if not stored.startswith("+"):
        return stored
    try:
        known = phonenumbers.parse(stored)
    except phonenumbers.NumberParseException:
        return stored
    is_own = country is not None and known.country_code == phonenumbers.country_code_for_region(country)
    style = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(known, style.NATIONAL if is_own else style.INTERNATIONAL))


def number(count: int) -> str:
    """“12,345”: a count in groups of digits."""
    return f"{count:,}" if _is_english() else str(format_decimal(count, locale=locale()))


def money(amount: Decimal, currency: str) -> str | None:
    """An amount in major units as the language writes it; None for English, which core/money.py writes."""
    return None if _is_english() else str(format_currency(amount, currency, locale=locale()))


def typed(text: str) -> str:
    """A number as a person typed it in their language, as English writes it: “1.499,50” is “1,499.50” in German."""
    if _is_english():
        return text
    signs = str.maketrans(get_group_symbol(locale()) + get_decimal_symbol(locale()), ",.")
    return "".join(text.split()).translate(signs)


def input_text(amount: Decimal, decimals: int) -> str | None:
    """An amount as a person would type it; None for English."""
    if _is_english():
        return None
    return str(format_decimal(amount, format=f"#,##0.{'0' * decimals}" if decimals else "#,##0", locale=locale()))


def _is_english() -> bool:
    return locale().partition("_")[0] == "en"
