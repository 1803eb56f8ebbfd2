"""Messages in templates: `_("…")`, `ngettext`, `{% trans %}`; words of machines (`e_wallet`) as people read them.

What `_` gives is text and is escaped like any other; only what stands between {% trans %} and {% endtrans %} is markup.
"""
from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from markupsafe import Markup, escape

from ispbill.core import i18n


def register(app: Flask) -> None:
    """Install the functions and the tag."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension adds it
    app.jinja_env.globals.update(
        _=message, gettext=markup, ngettext=counted, N_=i18n.lazy, locale=i18n.locale)
    app.add_template_filter(i18n.word)


def message(text: str, /, **values: object) -> str:
    """The translated message; markup where a value is, with all else in it escaped."""
    if _has_markup(values):
        return Markup(escape(i18n.gettext(text))) % values
    return i18n.gettext(text, **values)


def counted(singular: str, plural: str, num: int, /, **values: object) -> str:
    """The translated message that goes with a number, `%(num)s`."""
    return i18n.ngettext(singular, plural, num, **values)


def markup(text: str, /, **values: object) -> Markup:
    """What the tag shows: a message that holds markup, with its values escaped."""
    return Markup(i18n.gettext(text)) % values


def _has_markup(values: Mapping[str, object]) -> bool:
    return any(isinstance(value, Markup) for value in values.values())
