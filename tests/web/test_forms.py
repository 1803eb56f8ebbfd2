"""What forms make of what people type. Money is never rounded, text arrives trimmed, refusals land on their field."""
from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from ispbill.areas.models import Area
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.web.forms import AS_OPENED, Form, IdField, LocalDateField, MoneyField, refuse, submit
from ispbill.web.requests import IspbillFlask


class OfferForm(Form):
    """A form with one field of each kind."""

    name = StringField("Name", [InputRequired()])
    secret = PasswordField("Secret")
    price = MoneyField("Price")
    begins = LocalDateField("Begins")
    area = IdField("Area")


@pytest.fixture
def sent(app: IspbillFlask, tenant: TenantRef):  # type: ignore[no-untyped-def]
    """Builds the form as if a browser had sent it."""

    def build(**data: str) -> OfferForm:
        with app.test_request_context(method="POST", data={"name": "Fibre 50", **data}):
            form = OfferForm(meta={"csrf": False})
            form.area.offer([(7, "Makati")], empty="No area")
            form.validate()
            return form

    return build


def test_money_becomes_minor_units(sent):  # type: ignore[no-untyped-def]
    assert sent(price="1,499.50").price.data == 149950


@pytest.mark.parametrize("typed", ["12.345", "abc", "-1", "NaN", "1e400", "99999999999999999999"])
def test_an_amount_that_is_none_is_refused_with_a_sentence(sent, typed):  # type: ignore[no-untyped-def]
    form = sent(price=typed)
    assert form.price.errors and form.price.data is None
    assert form.price._value() == typed, "what was typed stays to be mended"


def test_an_empty_amount_and_an_empty_day_are_nothing(sent):  # type: ignore[no-untyped-def]
    form = sent(price="  ", begins="")
    assert (form.price.data, form.begins.data, form.errors) == (None, None, {})


def test_a_day_is_read_as_the_browser_sends_it(sent):  # type: ignore[no-untyped-def]
    assert sent(begins="2026-03-31").begins.data == date(2026, 3, 31)


@pytest.mark.parametrize("typed", ["31/03/2026", "2026-02-30", "0001-01-01"])
def test_a_day_that_is_none_is_refused(sent, typed):  # type: ignore[no-untyped-def]
    assert sent(begins=typed).begins.errors


def test_text_is_trimmed_but_a_password_is_not(sent):  # type: ignore[no-untyped-def]
    form = sent(name="  Ana\x00 ", secret=" pass ")
    assert (form.name.data, form.secret.data) == ("Ana", " pass ")


def test_trimming_belongs_to_every_form_made_not_only_to_the_first(sent):  # type: ignore[no-untyped-def]
    assert [sent(name=" Ana ").name.data for _ in range(2)] == ["Ana", "Ana"]


@pytest.mark.parametrize(("typed", "expected"), [("7", 7), ("", None)])
def test_a_choice_of_rows_gives_an_id_or_nothing(sent, typed, expected):  # type: ignore[no-untyped-def]
    form = sent(area=typed)
    assert (form.area.data, form.errors) == (expected, {})


@pytest.mark.parametrize("typed", ["8", "seven", "-"])
def test_an_id_that_was_not_offered_is_refused(sent, typed):  # type: ignore[no-untyped-def]
    assert sent(area=typed).area.errors


def test_values_are_what_was_entered_without_the_token(sent):  # type: ignore[no-untyped-def]
    assert set(sent().values()) == {"name", "secret", "price", "begins", "area"}


def test_a_refusal_lands_on_its_field_or_above_the_form(sent):  # type: ignore[no-untyped-def]
    form = sent()
    refuse(form, Conflict("Taken.", field="name"))
    refuse(form, Conflict("Not now.", field="unknown"))
    assert form.name.errors == ["Taken."] and form.form_errors == ["Not now."]


def test_a_refused_verb_leaves_nothing_behind(app: IspbillFlask, tenant: TenantRef) -> None:
    def verb() -> None:
        db.session.add(Area(level=1, name="Half done"))
        db.session.flush()
        raise Invalid("Too far.", field="name")

    with app.test_request_context(method="POST", data={"name": "x", "area": ""}):
        form = OfferForm(meta={"csrf": False})
        form.area.offer([], empty="No area")
        assert submit(form, verb) is None
    assert form.name.errors == ["Too far."] and db.session.query(Area).count() == 0


def test_a_broken_constraint_is_told_in_words(app: IspbillFlask, tenant: TenantRef) -> None:
    def verb() -> bool:
        db.session.add_all([Area(level=1, name="Luzon"), Area(level=1, name="LUZON")])
        db.session.flush()
        return True

    with app.test_request_context(method="POST", data={"name": "x", "area": ""}):
        form = OfferForm(meta={"csrf": False})
        form.area.offer([], empty="No area")
        assert submit(form, verb) is None
    assert form.name.errors == ["There is already an area with this name here."]


class RowForm(Form):
    """A form about a row."""

    name = StringField("Name")
    price = MoneyField("Price")


@pytest.fixture
def edited(app: IspbillFlask, tenant: TenantRef):  # type: ignore[no-untyped-def]
    """Sends a form about a row as it reads now, which was opened when the row read as said."""

    def send(opened: dict[str, object], now: dict[str, object], **data: str) -> RowForm:
        with app.test_request_context():
            as_opened = RowForm(obj=SimpleNamespace(**opened), meta={"csrf": False}).as_opened
        with app.test_request_context(method="POST", data={**data, AS_OPENED: as_opened}):
            form = RowForm(obj=SimpleNamespace(**now), meta={"csrf": False})
            form.validate()
            return form

    return send


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(edited):  # type: ignore[no-untyped-def]
    opened, now = {"name": "Ana", "price": 100}, {"name": "Ana Cruz", "price": 100}
    form = edited(opened, now, name="Ana", price="2.00")
    assert "to “Ana Cruz”" in form.name.errors[0] and not form.price.errors
    assert edited(now, now, name="Ana", price="2.00").errors == {}, "whoever has seen it may save"


def test_what_two_people_changed_alike_is_no_quarrel(edited):  # type: ignore[no-untyped-def]
    form = edited({"name": "Ana", "price": 100}, {"name": "Ana Cruz", "price": 250}, name="Ana Cruz", price="2.50")
    assert form.errors == {}


def test_a_form_of_something_new_carries_no_mark_of_a_row(sent):  # type: ignore[no-untyped-def]
    assert sent().as_opened == ""
