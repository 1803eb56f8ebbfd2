"""What WTForms says by itself, as one says it to a cashier, in the language that is spoken."""
from __future__ import annotations

from ispbill.core import i18n
from ispbill.core.i18n import lazy, plural

_PLAIN = {
    "Not a valid integer value.": lazy("Enter a whole number."),
    "Not a valid decimal value.": lazy("Enter a number, such as 12.5."),
    "Not a valid date value.": lazy("Enter a date like 2026-03-31."),
    "Not a valid time value.": lazy("Enter a time like 14:30."),
    "Not a valid datetime value.": lazy("Enter a date and a time."),
    "Not a valid choice.": lazy("Choose one of the list."),
    "Invalid Choice: could not coerce.": lazy("Choose one of the list."),
    "Invalid choice(s): one or more data inputs could not be coerced.": lazy("Choose some of the list."),
    "Number must be at least %(min)s.": lazy("Enter %(min)s or more."),
    "Number must be at most %(max)s.": lazy("Enter %(max)s or less."),
    "Number must be between %(min)s and %(max)s.": lazy("Enter a number from %(min)s to %(max)s."),
    "Invalid email address.": lazy("Enter an e-mail address."),
}


class Sentences:
    """Where WTForms asks for its words; those that nobody replaced are messages as they are."""

    @staticmethod
    def gettext(message: str) -> str:
        """The plain sentence, translated."""
        return str(_PLAIN[message]) if message in _PLAIN else i18n.gettext(message)

    @staticmethod
    def ngettext(singular: str, many: str, num: int) -> str:
        """The plain sentence that goes with a number, translated."""
        if singular == "Field cannot be longer than %(max)d character.":
            return plural("Enter at most %(max)d character.", "Enter at most %(max)d characters.", num)
        if singular == "Field must be at least %(min)d character long.":
            return plural("Enter at least %(min)d character.", "Enter at least %(min)d characters.", num)
        if singular.startswith("'%(value)s' is not a valid choice"):
            return str(_PLAIN["Not a valid choice."])
        return plural(singular, many, num)
