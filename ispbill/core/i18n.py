"""The language of what people read: messages stand in the code in English and are translated when they are shown.

`gettext` (imported as `_`) speaks at once, in the language of the running request or job; `lazy` is for what is
written down before anybody asks, such as the label of a form. Where nobody set a language, English stays as it is.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape

SOURCE_LOCALE = "en"
DIRECTORY = Path(__file__).resolve().parent.parent / "translations"
_locale: ContextVar[str] = ContextVar("ispbill_locale", default=SOURCE_LOCALE)


@cache
def catalogue(locale: str) -> NullTranslations:
    """The translations into a locale such as fil_PH, read once; for English, and where there is no file, none."""
    return Translations.load(DIRECTORY, [locale])


def locale() -> str:
    """The locale that is spoken now, such as en_PH."""
    return _locale.get()


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak a locale for the block."""
    token = _locale.set(name)
    try:
        yield
    finally:
        _locale.reset(token)


def gettext(message: str, /, **values: object) -> str:
    """The message in the present language, with `%(name)s` filled in. Without values a percent sign is one."""
    text: str = catalogue(_locale.get()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, many: str, num: int, /, **values: object) -> str:
    """The form of the message that goes with a number, which is filled in as `%(num)s`, in groups of digits."""
    text = plural(singular, many, num)
    return text % {"num": f"{num:,}" if _locale.get().startswith("en")
                   else str(format_decimal(num, locale=_locale.get())), **values}


def plural(singular: str, many: str, num: int) -> str:
    """The form of the message that goes with a number, without its values: for libraries that fill them in."""
    text: str = catalogue(_locale.get()).ngettext(singular, many, num)
    return text


def word(value: object) -> str:
    """A word of a vocabulary as people read it: “e_wallet” is “E wallet”. Empty where there is none."""
    message = english_word(value)
    return gettext(message) if message else ""


def english_word(value: object) -> str:
    """The message that `word` translates."""
    code = str(value.value) if isinstance(value, Enum) else str(value or "")
    return code.replace("_", " ").capitalize()


class Message(str):
    """A message that is translated each time it is shown; to programs (JSON, comparison) it is the English text."""

    message: str
    values: dict[str, object]

    def __new__(cls, message: str, /, **values: object) -> Message:
        made = super().__new__(cls, message % values if values else message)
        made.message, made.values = message, values
        return made

    def __str__(self) -> str:
        return gettext(self.message, **self.values)

    def __html__(self) -> Markup:
        return escape(str(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __mod__(self, values: Any) -> str:
        text: str = str(self).__mod__(values)
        return text

    def __add__(self, other: str) -> str:
        return str(self) + str(other)

    def __radd__(self, other: str) -> str:
        return str(other) + str(self)

    def lower(self) -> str:
        """The translation in small letters."""
        return str(self).lower()

    def capitalize(self) -> str:
        """The translation with a capital."""
        return str(self).capitalize()


def lazy(message: str, /, **values: object) -> str:
    """A message for what is written down before anybody asks; see Message."""
    return Message(message, **values)
