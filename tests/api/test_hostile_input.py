"""Whatever a client sends, to any operation of the document, the answer is data or a problem: never a fault of ours.

The operations and the names of their fields come from the OpenAPI document, so a new one is tried without being named.
"""
from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from ispbill.api import openapi, v1
from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.limiter import limiter
from tests.api.examples import valid_body
from tests.make import offers, people
from tests.make.programs import Program, program

_UNUSUAL: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**40, 0.1, 1e308, 1e999, -0.0, "", " ", "0", "1", "-1",
    "1e9", "9" * 25, "\x00", "a\x00b", "\ud800", "\u202e", "💸", "'; DROP TABLE customers; --", "%", "\\", "{{7*7}}",
    "2026-02-30", "0000-00-00", "9999-12-31", "2026-03-10", "NaN", "Infinity", "٣", "x" * 6000, [], {}, [[]], [None],
    {"": {}}, {"\x00": 1}, {"__proto__": {}}, [1] * 300, "cash", "active", "PHP",
]
_QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
unusual = st.sampled_from(_UNUSUAL)
anything = st.recursive(
    unusual | st.integers() | st.floats() | st.text(max_size=20) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=8,
)
Operation = tuple[str, str, list[str], dict[str, Any]]


@pytest.fixture
def armed(app: Flask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A program with all rights at a company that has one of each thing, and no limit of requests."""
    monkeypatch.setattr(limiter, "enabled", False)
    with unit_of_work():
        people.area("Luzon")
        offers.subscribe()
    return program(app, tenant)


@pytest.fixture(scope="module")
def operations(app: Flask) -> list[Operation]:
    """Every operation: method, path, names of query arguments, a valid body."""
    document = v1.document(app)
    return [(method.upper(), path, _arguments(operation), valid_body(document, operation))
            for path, method, operation in openapi.operations(document)]


def _arguments(operation: dict[str, Any]) -> list[str]:
    return [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"]


def attempt(api: Program, method: str, path: str, **options: Any) -> None:
    """Send it; a fault of ours would raise here, for the application is in its testing mode."""
    answer = api.send(method, path, **options)
    assert answer.status_code < 500
    event(f"{method} {answer.status_code // 100}xx")
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json", (method, path, answer.status_code)
        assert answer.json["status"] == answer.status_code  # type: ignore[index]


@given(data=st.data())
@_QUICK
def test_bodies(armed: Program, operations: list[Operation], data: st.DataObject) -> None:
    for method, path, _, valid in operations:
        if method == "GET":
            continue
        body = data.draw(bodies(valid) | anything)
        headers = {"Idempotency-Key": data.draw(st.uuids().map(str)), "Content-Type": "application/json"}
        attempt(armed, method, data.draw(addresses(path)), data=json.dumps(body), headers=headers)


@given(data=st.data())
@_QUICK
def test_queries(armed: Program, operations: list[Operation], data: st.DataObject) -> None:
    texts = unusual.filter(lambda value: isinstance(value, str) and "\ud800" not in value) | st.text(max_size=20)
    for method, path, names, _ in operations:
        if method != "GET":
            continue
        query = data.draw(st.dictionaries(st.sampled_from(names or ["q"]), texts, max_size=4))
        attempt(armed, method, data.draw(addresses(path)), query_string=query)


@given(edge=st.lists(anything, max_size=4))
@_QUICK
def test_forged_cursors(armed: Program, operations: list[Operation], edge: list[Any]) -> None:
    forged = base64.urlsafe_b64encode(json.dumps(["n", *edge]).encode()).decode()
    for method, path, names, _ in operations:
        if "cursor" in names:
            attempt(armed, method, path, query_string={"cursor": forged[:1900]})


def test_a_cursor_nested_deeper_than_can_be_read_is_refused(armed: Program) -> None:
    assert armed.get("customers", cursor="W1tb" * 450).status_code == 422


@given(body=st.binary(max_size=60) | st.sampled_from([
    b"[" * 200_000, b'{"a":' * 100_000, b"9" * 10_000, b'{"name": "\xed\xa0\x80"}', b"\xef\xbb\xbf{}", b"\x00",
    b'{"name": "a", "name": 5}', b"1e400",
]))
@_QUICK
def test_bytes(armed: Program, body: bytes) -> None:
    for path in ("payments", "customers"):
        headers = {"Idempotency-Key": "K", "Content-Type": "application/json"}
        attempt(armed, "POST", path, data=body, headers=headers)


@st.composite
def bodies(draw: st.DrawFn, valid: dict[str, Any]) -> dict[str, Any]:
    """A valid body, with some of it left out and some of it spoilt."""
    names = st.sampled_from([*valid, "unknown"])
    left_out = draw(st.sets(names, max_size=3))
    kept = {name: value for name, value in valid.items() if name not in left_out}
    return {**kept, **draw(st.dictionaries(names, anything, max_size=2))}


def addresses(path: str) -> st.SearchStrategy[str]:
    """The path with its ids filled in: the first row, and whatever else fits into an address."""
    ids = st.sampled_from(["1", "1", "1", "0", "2", "9" * 19, "9" * 5000, "-1", "1.0", "%00", "٣", "a", "1%2F2"])
    before, brace, after = path.partition("{")
    if not brace:
        return st.just(path)
    return ids.map(lambda value: before + value + after.partition("}")[2])
