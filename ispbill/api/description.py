"""The OpenAPI document as the page shows it: sections, operations, arguments, examples. Plain values only."""
from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from ispbill.api.openapi import Document, operations
from ispbill.core.text import slug

_EXAMPLES = {"date": "2026-03-31", "date-time": "2026-03-31T04:00:00+00:00", "email": "juana@example.com"}


@dataclass(frozen=True, slots=True)
class Argument:
    """Something a request carries, or a field of an answer."""

    name: str
    place: str
    kind: str
    required: bool
    notes: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, what it means, and an example where it is a success."""

    status: str
    meaning: str
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with everything the page shows of it."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    arguments: Sequence[Argument]
    fields: Sequence[Argument]
    body: str
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of one noun."""

    id: str
    title: str
    text: str
    operations: Sequence[Operation]


def sections(document: Document) -> list[Section]:
    """The whole document, noun by noun, in its own order."""
    every = [(operation["tags"][0], _operation(document, path, method, operation))
             for path, method, operation in operations(document)]
    return [
        Section(slug(tag["name"]), tag["name"], tag["description"],
                [operation for name, operation in every if name == tag["name"]])
        for tag in document["tags"]
    ]


def _operation(document: Document, path: str, method: str, operation: dict[str, Any]) -> Operation:
    schema = _body_schema(operation)
    given = map(_argument, operation.get("parameters", []))
    return Operation(
        id=slug(f"{method}-{path}"), method=method.upper(), path=path, summary=operation["summary"],
        text=operation["description"], arguments=[*_path_arguments(path), *given],
        fields=list(_fields(document, schema, "")) if schema else [],
        body=_pretty(_example(document, schema)) if schema else "",
        answers=[_answer(document, status, answer) for status, answer in sorted(operation["responses"].items())],
    )


def _path_arguments(path: str) -> Iterator[Argument]:
    for part in path.split("{")[1:]:
        yield Argument(part.partition("}")[0], "path", "id", True, "")


def _argument(parameter: dict[str, Any]) -> Argument:
    schema = parameter["schema"]
    return Argument(parameter["name"], parameter["in"], _kind(schema), parameter["required"],
                    _notes({**schema, "description": parameter.get("description", "")}))


def _fields(document: Document, schema: dict[str, Any], prefix: str) -> Iterator[Argument]:
    """The fields of an object, those of objects inside it below it, such as `plans[].plan_id`."""
    whole = _resolved(document, schema)
    for name, field in whole.get("properties", {}).items():
        inner = _resolved(document, field)
        yield Argument(prefix + name, "body", _kind(inner), name in whole.get("required", ()), _notes(inner))
        if inner.get("type") == "array":
            yield from _fields(document, inner["items"], f"{prefix}{name}[].")


def _body_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    if "requestBody" not in operation:
        return None
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _answer(document: Document, status: str, answer: dict[str, Any]) -> Answer:
    meaning = answer["description"]
    if int(status) >= HTTPStatus.BAD_REQUEST or "application/json" not in answer.get("content", ()):
        return Answer(status, meaning, "")
    return Answer(status, meaning, _pretty(_example(document, answer["content"]["application/json"]["schema"])))


def _resolved(document: Document, schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _kind(schema: dict[str, Any]) -> str:
    types = schema.get("type", "object")
    names = [types] if isinstance(types, str) else types
    kind = schema.get("format") or names[0]
    return f"{kind} or null" if "null" in names else str(kind)


def _notes(schema: dict[str, Any]) -> str:
    """What limits a value, in words."""
    notes = [schema.get("description", "")]
    if "enum" in schema:
        notes.append("One of " + ", ".join(str(value) for value in schema["enum"] if value is not None))
    for name, word in (("minimum", "at least"), ("maximum", "at most"), ("maxLength", "length at most")):
        if schema.get(name):
            notes.append(f"{word} {schema[name]}")
    if schema.get("default") not in (None, ""):
        notes.append(f"{schema['default']} where not sent")
    text = "; ".join(note.rstrip(".") for note in notes if note)
    return text[:1].upper() + text[1:]


def _example(document: Document, schema: dict[str, Any]) -> Any:
    whole = _resolved(document, schema)
    kind = _kind(whole).removesuffix(" or null")
    if "properties" in whole:
        return {name: _example(document, field) for name, field in whole["properties"].items()}
    if kind == "array":
        return [_example(document, whole["items"])]
    for key in ("examples", "enum"):
        if key in whole:
            return whole[key][0]
    return _scalar(whole, kind)


def _scalar(schema: dict[str, Any], kind: str) -> object:
    numbers: dict[str, object] = {"integer": schema.get("default") or 1, "number": 120.984222, "boolean": True}
    if kind in numbers:
        return numbers[kind]
    return _EXAMPLES.get(kind, "12.5" if "pattern" in schema else "text")


def _pretty(example: Any) -> str:
    return json.dumps(example, indent=2, ensure_ascii=False)

