"""The OpenAPI document: what flask-smorest gathers from the code, and what our own marks say of each operation."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask_smorest import Api

from ispbill.core import permissions
from ispbill.web import guards
from ispbill.web.rest.resources import KEY_HEADER, is_once

Document = dict[str, Any]
_PROBLEM = "application/problem+json"
_METHODS = ("get", "post", "put", "patch", "delete")
_ERRORS = {
    "401": "The token is missing or not valid at this company.", "403": "The token lacks the permission.",
    "404": "There is no such record at this company.", "409": "The state of things does not permit it.",
    "422": "Something in the request is not as it should be.", "429": "Too many requests in a minute.",
}
_READING_ERRORS = {status: meaning for status, meaning in _ERRORS.items() if status != "409"}
_INTRODUCTION = (
    "Every company has its own address; a token works at that one only. Amounts are whole minor units "
    "(centavos, cents), ids are strings, days are those of the company's time zone."
)
_KEY_PARAMETER = {
    "name": KEY_HEADER, "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "A new one for each operation. The same key and body again give the first answer again.",
}


def document(app: Flask, api: Api) -> Document:
    """The document, whole and ready to be sent."""
    made: Document = api.spec.to_dict()
    made["info"]["description"] = _INTRODUCTION
    made.setdefault("components", {})["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer",
                  "description": "An API token made under “API tokens”, or a token from signing in."}
    }
    made["security"] = [{"token": []}]
    made["components"].pop("responses", None)
    made["tags"] = [{**tag, "name": _label(tag["name"])} for tag in made["tags"]]
    views = _views(app)
    for path, method, operation in operations(made):
        _complete(operation, views[path, method], errors=_ERRORS if method != "get" else _READING_ERRORS)
    return made


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Every operation with its path and method."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _views(app: Flask) -> dict[tuple[str, str], Any]:
    """The view of each operation, by path as OpenAPI writes it and method."""
    return {
        (path_of(rule.rule), method.lower()): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules() for method in rule.methods or ()
    }


def path_of(rule: str) -> str:
    """A route's rule as OpenAPI writes it: `<int:id>` becomes `{id}`."""
    return rule.replace("<int:", "{").replace(">", "}")


def _complete(operation: Document, view: Any, *, errors: dict[str, str]) -> None:
    mark = guards.mark_of(view, "GET")
    assert mark is not None, "every operation says who may call it"
    operation["tags"] = [_label(tag) for tag in operation["tags"]]
    if mark.code is not None:
        operation["x-permission"] = mark.code
    if mark.access is guards.Access.PUBLIC:
        operation["security"] = []
    operation["description"] = " ".join(filter(None, (operation.get("description"), _needed(mark))))
    required = is_once(view)
    if required is not None:
        operation.setdefault("parameters", []).append({**_KEY_PARAMETER, "required": required})
    for status, meaning in errors.items():
        operation["responses"][status] = {"description": meaning, "content": {
            _PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}
        }}


def _needed(mark: guards.Mark) -> str:
    if mark.code is not None:
        return f"Needs the permission “{permissions.label(mark.code)}”."
    return "Needs no token." if mark.access is guards.Access.PUBLIC else "Needs a token from signing in."


def _label(tag: str) -> str:
    return tag.removeprefix("api_").replace("_", " ").capitalize()
