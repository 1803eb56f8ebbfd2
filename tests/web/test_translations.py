"""Every string is translatable: in a language that puts each message in brackets, only data stands outside of them."""
from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from babel.support import NullTranslations
from sqlalchemy import Text, select
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from ispbill.app import IMPORTS
from ispbill.catalogue.policy import period_label
from ispbill.company.home.policy import time_zones
from ispbill.core import formats, i18n
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import TenantModel, db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications import rendering as letters
from ispbill.plant.policy import NapFacts, checked_nap
from ispbill.translations import catalogues
from ispbill.web import guards
from ispbill.web.forms import Form
from ispbill.web.limiter import limiter
from ispbill.web.requests import IspbillFlask
from tests.attack.test_canaries import SILENT
from tests.attack.victims import TABLES, WORDS
from tests.make import tenants
from tests.make.companies import Furnished, furnish

pytestmark = pytest.mark.slow

SHOWN = ("title", "placeholder", "aria-label", "alt", "data-announce")
# Arguments that open what no key opens.
SECRETS = {"token", "account_link"}
# What JavaScript says stands in attributes of this name.
SAID = "data-say-"
# What is the same in every language: addresses, secrets, months (their names come with the locale), names.
SAME = re.compile(
    r"https?://\S+|\b[A-Z]{3}-[-\d]*\d\b|isp_pat_[-\w]+…?|"
    r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|January|February|March|April|June|July|August|September|"
    r"October|November|December|PHP|ispbill|Olivia Owner|System|XLSX|CSV|PDF)\b")
# The secret of a second factor is chance: it may hold a word that is data elsewhere.
SECRET = re.compile(r"\b(?:[A-Z0-9]{4} ){7}[A-Z0-9]{4}\b")
WORD = re.compile(r"[^\W\d_]{2,}")
# Pages for programmers, and what the audit log keeps of a row: both as programs name things.
FOR_PROGRAMS = ("/api/", "/audit-logs/<")


class Bracketed(NullTranslations):
    """Puts every message in brackets, and remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message[:])
        return f"⟦{message[:]}⟧"

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        self.asked.add(singular)
        return f"⟦{singular if num == 1 else plural}⟧"


class Reader(HTMLParser):
    """Collects what people see of a page: text and shown attributes, each with what stands outside of brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self._depth = 0
        self._hidden: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code", "kbd"):
            self._hidden = tag
        for name, value in attrs:
            if (name in SHOWN or name.startswith(SAID)) and value:
                self.outside.append(_outside(value)[0])

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = None

    def handle_data(self, data: str) -> None:
        if self._hidden is None:
            found, self._depth = _outside(data, depth=self._depth)
            self.outside.append(found)


def _outside(text: str, *, depth: int = 0) -> tuple[str, int]:
    kept = []
    for character in text:
        depth += character == "⟦"
        if depth <= 0:
            kept.append(character)
        depth -= character == "⟧"
    return "".join(kept).strip(), depth


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> Bracketed:
    """The language of brackets, spoken everywhere."""
    language = Bracketed()
    monkeypatch.setattr(i18n, "catalogue", lambda locale: language)
    monkeypatch.setattr(limiter, "enabled", False)
    return language


def test_whatever_a_page_says_is_a_message_that_translators_get(
    app: IspbillFlask, context: None, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    company = furnish(tenants.open_company(), canary="qzkanaryaqz")
    data, keys = _data(company.tenant), _keys(company.tenant)
    brackets: Bracketed = request.getfixturevalue("brackets")
    browser = company.browser()
    untranslated: dict[str, list[str]] = {}
    opened = 0
    for path in _addresses(app, keys):
        answer = browser.get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            opened += 1
            if left := _left(answer.text, data, company):
                untranslated[path] = left
    assert opened > 150
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogues.extract()}
    assert (untranslated, brackets.asked - known) == ({}, set())


def test_letters_are_messages_whole(tenant: TenantRef, brackets: Bracketed) -> None:
    known = {message.id for message in catalogues.extract()}
    assert set(letters.messages()) <= known and len(set(letters.messages())) > 20
    text = letters.render("invitation", {"company": "Ana Net", "name": "Ben", "inviter": "Ana", "url": "https://x"})
    subject, body = text.split("\n", 1)
    assert subject == "⟦You are invited to Ana Net⟧"
    assert body.startswith("⟦Hello Ben,\n") and body.endswith("⟧")


def test_what_is_filled_into_a_message_is_one_too(brackets: Bracketed) -> None:
    said = [period_label(unit, count) for unit, count in (("month", 3), ("month", 2), ("day", 14), ("day", 10))]
    assert said == ["⟦quarter⟧", "⟦2 months⟧", "⟦2 weeks⟧", "⟦10 days⟧"]
    nap = NapFacts("N-1", port_count=0)
    with pytest.raises(Invalid, match="⟦Enter 1 to 64 ⟦ports⟧.⟧"):
        checked_nap(nap)


def test_what_forms_say_by_themselves_is_a_message(app: IspbillFlask, tenant: TenantRef, brackets: Bracketed) -> None:
    class Asked(Form):
        """A form of each kind of refusal."""

        name = StringField("Name", [InputRequired(), Length(max=3)])
        count = IntegerField("Count", [NumberRange(min=5)])

    def flaws(**typed: str) -> list[str]:
        with app.test_request_context(method="POST", data=typed):
            form = Asked(meta={"csrf": False})
            form.validate()
            return [flaw for field in (form.name, form.count) for flaw in field.errors]

    said = [*flaws(name="", count="x"), *flaws(name="Long", count="1")]
    assert set(said) == {"⟦This field is required.⟧", "⟦Enter a whole number.⟧",
                    "⟦Enter at most 3 characters.⟧", "⟦Enter 5 or more.⟧"}
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogues.extract()}
    assert brackets.asked <= known


def _addresses(app: IspbillFlask, keys: dict[str, int]) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        mark = guards.mark_of(app.view_functions[rule.endpoint], "GET") if "GET" in (rule.methods or ()) else None
        if mark is None or mark.access in (guards.Access.ANYWHERE, guards.Access.APEX) or SECRETS & rule.arguments:
            continue
        if not rule.rule.startswith(FOR_PROGRAMS):
            built = rule.build({name: WORDS.get(name) or keys[name] for name in rule.arguments}, append_unknown=False)
            assert built is not None
            yield built[1]


def _left(page: str, data: re.Pattern[str], company: Furnished) -> list[str]:
    reader = Reader()
    reader.feed(page)
    rest = (SAME.sub("", data.sub("", SECRET.sub("", text))) for text in reader.outside if company.canary not in text)
    return sorted({text.strip() for text in rest if WORD.search(text)})


def _keys(tenant: TenantRef) -> dict[str, int]:
    with bound(tenant, SYSTEM), unit_of_work():
        return {name: db.session.scalars(select(model.id).order_by(model.id.desc())).first() or 0
                for name, model in TABLES.items()}


def _data(tenant: TenantRef) -> re.Pattern[str]:
    """What the company's rows say, but for words of the program's vocabularies; names of columns in files."""
    values: set[str] = {tenant.name, tenant.subdomain, tenant.code, tenant.timezone}
    values |= {formats.language_name(name) for name in formats.locales_of(tenant.timezone)}
    values |= time_zones()
    with bound(tenant, SYSTEM), unit_of_work():
        values |= {column.name for kind in IMPORTS for column in kind.columns()}
        for table in TenantModel.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Text) and column.name not in SILENT.get(table.name, set()):
                    values |= {value for value in db.session.scalars(select(column).distinct()) if value}
    return re.compile("|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)))
