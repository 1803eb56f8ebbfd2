"""An operation under a key happens once: repeated, raced, or sent by somebody else."""
from __future__ import annotations

import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ispbill.billing.payments.models import Payment
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.once.models import IdempotencyKey
from tests.make.browsers import colleague
from tests.make.programs import Program, token_of


def pay(api: Program, customer_id: str, *, key: str = "K-1", amount_minor: int = 500) -> TestResponse:
    return api.post("payments", key=key, customer_id=customer_id, amount_minor=amount_minor, method="cash")


def recorded() -> int:
    with unit_of_work():
        return db.session.execute(select(func.count()).select_from(Payment)).scalar_one()


def test_the_same_key_and_body_get_the_first_answer_again(api: Program, debtor: str) -> None:
    first, second = pay(api, debtor), pay(api, debtor)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert recorded() == 1


def test_the_same_key_with_another_body_is_refused(api: Program, debtor: str) -> None:
    pay(api, debtor)
    answer = pay(api, debtor, amount_minor=501)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"  # type: ignore[index]
    assert recorded() == 1


def test_the_same_key_for_another_operation_is_refused(api: Program, debtor: str) -> None:
    payment = pay(api, debtor).json
    assert payment is not None
    assert api.post(f"payments/{payment['id']}/reverse", key="K-1", reason="Bounced").status_code == 422


def test_somebody_elses_key_gives_away_nothing(app: Flask, tenant: TenantRef, api: Program, debtor: str) -> None:
    pay(api, debtor)
    other = Program(app, tenant, token_of(colleague(permissions=["record_payment"]), scopes=["record_payment"]))
    answer = pay(other, debtor)
    assert answer.status_code == 422 and "amount_minor" not in answer.text


@pytest.mark.parametrize("key", ["", " ", "a b", "ключ".encode().decode("latin-1"), "x" * 256])
def test_a_key_is_visible_ascii_of_sensible_length(api: Program, debtor: str, key: str) -> None:
    body = {"customer_id": debtor, "amount_minor": 5, "method": "cash"}
    assert api.send("POST", "payments", json=body, headers={"Idempotency-Key": key}).status_code == 422


def test_recording_a_payment_without_a_key_is_refused(api: Program, debtor: str) -> None:
    answer = api.send("POST", "payments", json={"customer_id": debtor, "amount_minor": 5, "method": "cash"})
    assert answer.status_code == 400
    assert answer.json["title"] == "The Idempotency-Key is missing"  # type: ignore[index]
    assert recorded() == 0


def test_where_a_key_is_optional_it_works_the_same_way(api: Program, tenant: TenantRef) -> None:
    answers = [api.post("customers", key="C-1", name="Jose Rizal") for _ in range(2)]
    assert answers[0].json == answers[1].json
    without = api.send("POST", "customers", json={"name": "Jose Rizal"})
    assert without.status_code == 201 and without.json != answers[0].json


def test_a_refused_request_leaves_no_key_behind_so_it_can_be_mended(api: Program, debtor: str) -> None:
    refused = api.post("payments", key="K-1", customer_id=debtor, amount_minor=500, method="bank")
    assert refused.status_code == 422
    with unit_of_work():
        assert db.session.scalars(select(IdempotencyKey)).all() == []
    assert pay(api, debtor).status_code == 201


def test_of_many_at_the_same_moment_one_takes_effect_and_all_get_its_answer(api: Program, debtor: str) -> None:
    contexts = [contextvars.copy_context() for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(context.run, pay, api, debtor) for context in contexts]
        answers = [one.result() for one in waiting]
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 7
    assert recorded() == 1
