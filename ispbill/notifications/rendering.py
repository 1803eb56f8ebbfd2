"""The text of a message from its template, in Jinja's sandbox. A missing value is an error, never a gap."""
from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ispbill.tenancy.templates import TEMPLATES

FOLDER = TEMPLATES / "messages"


def render(template: str, values: Mapping[str, object]) -> str:
    """The text of a message: plain text, so nothing is escaped."""
    return _environment().get_template(f"{template}.txt").render(values)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    loader = FileSystemLoader(FOLDER)
    return ImmutableSandboxedEnvironment(loader=loader, undefined=StrictUndefined, autoescape=False)
