"""What a translator works with: the template of all messages, and a catalogue for each language.

Messages are found in the code where they are written, and in what words are made of: rights, records, vocabularies;
letters and what WTForms says by itself are messages, too.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

import wtforms
from babel import Locale, UnknownLocaleError
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ispbill.audit.policy import english_label, entity_name
from ispbill.config import PROJECT_ROOT
from ispbill.core import permissions
from ispbill.core.db import TenantModel
from ispbill.core.errors import Invalid
from ispbill.core.i18n import DIRECTORY, english_word
from ispbill.notifications import rendering as letters
from ispbill.translations.vocabulary import WORDS

TEMPLATE = DIRECTORY / "messages.pot"
_METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
_OPTIONS = {"**/templates/**.html": {"silent": "false", "newstyle_gettext": "true", "trimmed": "false"}}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "gettext": None, "lazy": None, "N_": None, "ngettext": (1, 2), "plural": (1, 2),
}


def extract() -> Catalog:
    """Every message of the program, with where it stands."""
    catalogue = Catalog(project="ispbill", charset="utf-8")
    found = extract_from_dir(
        PROJECT_ROOT / "ispbill", _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=("Translators:",))
    for path, line, message, comments, context in found:
        catalogue.add(message, None, [(f"ispbill/{path}", line)], auto_comments=comments, context=context)
    for message in sorted(set(_made())):
        catalogue.add(message)
    for known in _of_wtforms():
        catalogue.add(known.id, flags=known.flags)
    return catalogue


def write_template() -> int:
    """Write the template, and answer how many messages it holds."""
    catalogue = extract()
    with TEMPLATE.open("wb") as file:
        write_po(file, catalogue, width=120)
    return len(catalogue)


def update(language: str) -> Path:
    """Begin the catalogue of a language, or bring into it what is new. Raises Invalid for an unknown language."""
    try:
        locale = Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        raise Invalid(f"“{language}” is not a language. Write it like fil or pt_BR.") from None
    path = _file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = read_po(path.open("rb"), locale=locale) if path.exists() else Catalog(locale=locale)
    catalogue.update(extract())
    with path.open("wb") as file:
        write_po(file, catalogue, width=120)
    return path


def compile_all() -> list[str]:
    """Make of each catalogue the file that the program reads, and answer the languages."""
    languages = available()
    for language in languages:
        path = _file(language)
        with path.open("rb") as source, path.with_suffix(".mo").open("wb") as made:
            write_mo(made, read_po(source, locale=language))
    return languages


def available() -> list[str]:
    """The languages that have a catalogue, besides English."""
    return sorted(path.parent.parent.name for path in DIRECTORY.glob("*/LC_MESSAGES/messages.po"))


def _file(language: str) -> Path:
    return DIRECTORY / language / "LC_MESSAGES" / "messages.po"


def _made() -> Iterator[str]:
    yield from map(permissions.english, permissions.ALL)
    yield from (english_label(entity_name(mapper.class_.__name__)) for mapper in TenantModel.registry.mappers)
    yield from map(english_word, WORDS)
    yield from letters.messages()
    yield from (english_word(member) for kind in _subclasses(StrEnum) for member in kind)


def _of_wtforms() -> Iterator[Message]:
    """What forms say by themselves; the library brings the template of it."""
    template = Path(wtforms.__file__).parent / "locale" / "wtforms.pot"
    with template.open("rb") as file:
        yield from (message for message in read_po(file) if message.id)


def _subclasses(kind: type[StrEnum]) -> Iterable[type[StrEnum]]:
    for subclass in kind.__subclasses__():
        if subclass.__module__.startswith("ispbill."):
            yield subclass
