"""The description of the API: a valid OpenAPI 3.1 document that says what the code does, and a page drawn from it."""
from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from ispbill.api import openapi, v1
from ispbill.core.current import TenantRef
from ispbill.core.permissions import ALL
from tests.make.browsers import Browser, signed_in
from tests.make.programs import Program


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    """The document, made once."""
    return v1.document(app)


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_it_lists_every_operation_of_the_api_and_nothing_else(app: Flask, document: dict[str, Any]) -> None:
    routed = {
        (rule.rule.replace("<int:", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules() for method in rule.methods or ()
        if "/api/" in rule.rule and not rule.endpoint.startswith("api.") and method not in ("HEAD", "OPTIONS")
    }
    assert {(path, method) for path, method, _ in openapi.operations(document)} == routed


def test_every_operation_says_what_it_needs_and_how_it_fails(document: dict[str, Any]) -> None:
    for path, method, operation in openapi.operations(document):
        assert path in ("/api/v1/login", "/api/v1/logout") or operation["x-permission"] in ALL
        assert operation["summary"].endswith("."), (method, path)
        failures = {status for status in operation["responses"] if status >= "400"}
        assert {"401", "403", "422", "429"} <= failures, (method, path)
        for status in failures:
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


def test_money_is_an_integer_and_an_id_a_string_wherever_they_occur(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, kind in schema["properties"].items():
            types = kind.get("type", "object")
            known = types if isinstance(types, list) else [types]
            if field.endswith("_minor"):
                assert known[0] == "integer", (name, field)
            if field == "id" or field.endswith("_id"):
                assert known[0] == "string", (name, field)


def test_recording_a_payment_requires_the_key_and_the_document_says_so(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/api/v1/payments"]["post"]["parameters"]
    assert [(one["name"], one["required"]) for one in parameters] == [("Idempotency-Key", True)]


def test_the_document_is_served_to_programs(api: Program, document: dict[str, Any]) -> None:
    assert api.get("openapi.json").json == document


def test_the_page_shows_every_operation_without_a_line_of_inline_code(app: Flask, tenant: TenantRef,
                                                                      document: dict[str, Any]) -> None:
    for browser in (Browser(app, tenant), signed_in(app, tenant)):
        answer = browser.get("/api/docs")
        assert answer.status_code == 200
        assert "'unsafe" not in answer.headers["Content-Security-Policy"]
        assert "style=" not in answer.text and "onclick" not in answer.text and "<style" not in answer.text
        for path, method, operation in openapi.operations(document):
            assert operation["summary"].replace("'", "&#39;") in answer.text, (method, path)


def test_only_who_is_signed_in_gets_a_form_token_on_the_page(app: Flask, tenant: TenantRef) -> None:
    assert "data-csrf" not in Browser(app, tenant).get("/api/docs").text
    assert "data-csrf" in signed_in(app, tenant).get("/api/docs").text
