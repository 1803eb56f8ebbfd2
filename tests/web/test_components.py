"""The macros by themselves, in an app without a database: what they promise to people and addresses."""
from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask, render_template, render_template_string
from wtforms import BooleanField, Form, RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from ispbill.web import translations
from ispbill.web.assets.manifest import DIST

WEB = DIST.parent.parent
LIST = """{% import "components/ui.html" as ui %}
{% call(row) ui.data_table(page.rows, caption="Plans", columns=[{"label": "Name", "sort": "name"}],
   empty={"title": "No plans yet", "action": ("Add a plan", "/plans/add")}) %}
  {{ ui.td("Name", row, href="/plans/1") }}
{% endcall %}
{{ ui.pager(page) }}"""
FIELD = '{% import "components/ui.html" as ui %}{{ ui.field(field, help=help) }}'


@pytest.fixture
def bare() -> Iterator[Flask]:
    """An app that knows nothing but the shared templates."""
    app = Flask("bare", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static"))
    translations.register(app)
    app.jinja_env.globals["asset"] = lambda name: f"/static/dist/{name}"
    app.jinja_env.globals["opens"] = lambda address: True
    app.jinja_env.filters.update(money=str, date=str, datetime=str, number=str)
    yield app


class OfferForm(Form):
    """One field of each look."""

    name = StringField("Name", [InputRequired("Give a name.")])
    kind = SelectField("Kind", choices=[("a", "A")])
    way = RadioField("Way", choices=[("e", "E-mail"), ("s", "SMS")])
    agreed = BooleanField("Agreed")


def _list(app: Flask, address: str, rows: list[str], *, following: str | None = None) -> str:
    page = SimpleNamespace(rows=rows, next_cursor=following, previous_cursor=None)
    with app.test_request_context(address):
        return render_template_string(LIST, page=page)


def _field(app: Flask, name: str, *, send: bool = False, help: str | None = None) -> str:
    form = OfferForm()
    if send:
        form.validate()
    with app.test_request_context("/"):
        return render_template_string(FIELD, field=form[name], help=help)


def test_a_column_head_sorts_and_goes_back_to_the_first_page(bare: Flask) -> None:
    assert 'href="/plans?q=fi&amp;sort=name"' in _list(bare, "/plans?q=fi&cursor=abc", ["Fiber 50"])


def test_a_sorted_column_says_so_and_turns_round(bare: Flask) -> None:
    page = _list(bare, "/plans?sort=name", ["Fiber 50"])
    assert 'aria-sort="ascending"' in page and 'href="/plans?sort=-name"' in page


def test_the_pager_keeps_search_and_order(bare: Flask) -> None:
    page = _list(bare, "/plans?q=fi&sort=name", ["Fiber 50"], following="n2")
    assert 'href="/plans?q=fi&amp;sort=name&amp;cursor=n2"' in page


def test_what_stands_in_the_address_cannot_break_out_of_it(bare: Flask) -> None:
    page = _list(bare, "/plans?q=%22%3E%3Cscript%3E&endpoint=x", ["Fiber 50"], following="n2")
    assert "<script>" not in page and "%22%3E%3Cscript%3E" in page


def test_an_empty_list_says_what_to_do_next(bare: Flask) -> None:
    page = _list(bare, "/plans", [])
    assert "No plans yet" in page and 'href="/plans/add"' in page


def test_a_search_without_result_offers_to_clear_it(bare: Flask) -> None:
    page = _list(bare, "/plans?q=zzz", [])
    assert "Nothing matches" in page and 'href="/plans"' in page and "No plans yet" not in page


VIEWS = '''{% import "components/ui.html" as ui %}
{% set views = [{"label": "All", "filters": {}}, {"label": "Mine", "filters": {"who": "me"}, "sort": "due", "count": 0,
                 "empty": {"title": "None is yours", "text": "They stand here.", "action": ("See all", "/plans")}}] %}
{{ ui.views(views) }}{{ ui.data_table([], [], "Plans", empty={"title": "No plans yet", "views": views}) }}'''


@pytest.mark.parametrize(("address", "words"), [
    ("/plans", "No plans yet"), ("/plans?who=me&sort=due", "None is yours"), ("/plans?who=me&q=", "None is yours"),
    ("/plans?who=me&q=zzz", "Nothing matches"), ("/plans?kind=dsl", "Nothing matches"),
])
def test_an_empty_tab_says_what_it_would_show_and_a_search_in_it_that_nothing_matches(
    bare: Flask, address: str, words: str
) -> None:
    with bare.test_request_context(address):
        page = render_template_string(VIEWS)
    assert [title for title in ("No plans yet", "None is yours", "Nothing matches") if title in page] == [words]
    mine = page.split('href="/plans?who=me&amp;sort=due"')[1].split(">")[0]
    assert ("aria-current" in mine) == ("who=me" in address)


def test_a_refused_field_is_tied_to_its_error_and_its_help(bare: Flask) -> None:
    field = _field(bare, "name", send=True, help="As on the contract")
    assert 'aria-invalid="true"' in field and 'aria-describedby="name-error name-help"' in field
    assert 'id="name-error"' in field and "Give a name." in field and 'id="name-help"' in field


def test_a_required_field_is_marked_for_eyes_and_ears(bare: Flask) -> None:
    assert "(required)" in _field(bare, "name") and "(required)" not in _field(bare, "kind")


@pytest.mark.parametrize(
    ("name", "markup"),
    [("name", 'class="input"'), ("kind", 'class="select"'), ("way", 'class="radio"'),
     ("agreed", 'class="checkbox"')],
)
def test_each_kind_of_field_has_its_own_look(bare: Flask, name: str, markup: str) -> None:
    assert markup in _field(bare, name)


@pytest.mark.parametrize("status", [402, 403, 404, 410, 422, 429, 500, 503])
def test_an_error_page_needs_nothing_but_its_own_words(bare: Flask, status: int) -> None:
    with bare.test_request_context("/"):
        page = render_template("errors/error.html", status=status, title="Not now", message="Later.")
    assert "Not now" in page and f"Error {status}" in page


def test_an_unknown_status_is_printed_in_words(bare: Flask) -> None:
    text = '{% import "components/ui.html" as ui %}{{ ui.status_badge("half_done") }}'
    with bare.test_request_context("/"):
        assert "Half done" in render_template_string(text)
