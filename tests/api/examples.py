"""Valid bodies, made from the OpenAPI document: so a new operation is tried without being named."""
from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def valid_body(document: Document, operation: dict[str, Any]) -> dict[str, Any]:
    """A body as the document describes it, every field filled in; empty where the operation takes none."""
    if "requestBody" not in operation:
        return {}
    body: dict[str, Any] = _example(document, operation["requestBody"]["content"]["application/json"]["schema"])
    return body


def _example(document: Document, schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _example(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if kind == "object":
        return {name: _example(document, inner) for name, inner in schema["properties"].items()}
    if kind == "array":
        return [_example(document, schema["items"])]
    if kind == "boolean":
        return True
    if kind == "integer":
        return 1
    return schema["enum"][0] if "enum" in schema else _text_example(schema)


def _text_example(schema: dict[str, Any]) -> str:
    if schema.get("description") == "ISO 4217 code":
        return str(schema["examples"][0])
    return {"date": "2026-03-10", "email": "ana@example.com"}.get(schema.get("format", ""), "1")
