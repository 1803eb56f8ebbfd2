"""`ispbill routes`: every address there is, and who may call it."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from werkzeug.routing import Rule

from ispbill.cli.commands import OperatorGroup
from ispbill.cli.printing import answer, json_option, table
from ispbill.web import guards

_IMPLIED = {"HEAD", "OPTIONS"}


@click.command(cls=OperatorGroup.command_class)
@json_option
@with_appcontext
def routes() -> None:
    """List every route, its methods and its access mark."""
    found = sorted(_routes(current_app), key=lambda route: (route["rule"], route["methods"]))
    rows = [
        [route["rule"], " ".join(route["methods"]), route["permission"] or route["access"], route["endpoint"]]
        for route in found
    ]
    answer(found, table(["ROUTE", "METHODS", "WHO", "ENDPOINT"], rows))


def _routes(app: Flask) -> Iterator[dict[str, Any]]:
    for rule in app.url_map.iter_rules():
        yield from _marked(app, rule)


def _marked(app: Flask, rule: Rule) -> Iterator[dict[str, Any]]:
    """The rule once for each mark that its methods carry."""
    by_mark: dict[guards.Mark | None, list[str]] = {}
    for method in sorted((rule.methods or set()) - _IMPLIED):
        by_mark.setdefault(guards.mark_of(app.view_functions[rule.endpoint], method), []).append(method)
    for mark, methods in by_mark.items():
        yield {
            "rule": rule.rule, "methods": methods, "endpoint": rule.endpoint,
            "access": str(mark.access) if mark else None, "permission": mark.code if mark else None,
        }
