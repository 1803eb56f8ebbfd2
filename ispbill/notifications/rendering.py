"""The text of a letter from its template, in Jinja's sandbox. A missing value is an error, never a gap.

A template is two messages for translators, each whole: its first line, the subject, and the rest, which a text lacks.
What they write is a template, too, and says the same values in the order of their language.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ispbill.core.i18n import gettext
from ispbill.tenancy.templates import TEMPLATES

FOLDER = TEMPLATES / "messages"


def render(template: str, values: Mapping[str, object]) -> str:
    """The text of a letter in the language that is spoken: plain text, so nothing is escaped."""
    return "\n".join(_template(gettext(part)).render(values) for part in _parts(template) if part)


def messages() -> Iterator[str]:
    """What translators get of every letter."""
    for path in sorted(FOLDER.rglob("*.txt")):
        yield from filter(None, _parts(path.relative_to(FOLDER).with_suffix("").as_posix()))


@cache
def _parts(template: str) -> tuple[str, str]:
    subject, _newline, body = (FOLDER / f"{template}.txt").read_text(encoding="utf-8").partition("\n")
    return subject, body


@cache
def _template(source: str) -> Template:
    return _environment().from_string(source)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
