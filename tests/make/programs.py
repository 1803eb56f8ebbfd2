"""A program at a company's API: it sends JSON with a bearer token, and reads JSON."""
from __future__ import annotations

import itertools
from collections.abc import Collection
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from ispbill.accounts.models import User
from ispbill.accounts.queries import permissions_of
from ispbill.accounts.tokens import service as tokens
from ispbill.core.current import Actor, TenantRef, acting_as
from ispbill.core.permissions import ALL
from ispbill.core.unit_of_work import unit_of_work
from tests.make.browsers import Browser, owner

_keys = itertools.count(1)


class Program:
    """A client with a token; each request runs in a context of its own, as in a server."""

    def __init__(self, app: Flask, tenant: TenantRef, token: str | None) -> None:
        self._browser = Browser(app, tenant)
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> TestResponse:
        """Read; `query` are the arguments of the address."""
        return self.send("GET", path, query_string=query)

    def post(self, path: str, *, key: str | None = None, **body: Any) -> TestResponse:
        """Send a JSON object under an idempotency key, a new one where none is given."""
        return self.send("POST", path, json=body, headers={"Idempotency-Key": key or f"key-{next(_keys)}"})

    def patch(self, path: str, **body: Any) -> TestResponse:
        """Send changes as a JSON object."""
        return self.send("PATCH", path, json=body)

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Send anything at all, with the token."""
        full = path if path.startswith("/") else f"/api/v1/{path}"
        return self._browser.send(method, full, headers={**self._headers, **(headers or {})}, **options)


def token_of(user: User, *, scopes: Collection[str] = ALL, name: str = "Bookkeeping") -> str:
    """A new token of a user of the bound company."""
    with unit_of_work():
        actor = Actor(kind="user", name=user.full_name, user_id=user.id, is_owner=user.is_owner,
                      permissions=permissions_of(user.id))
        with acting_as(actor):
            return tokens.create(name, scopes=scopes, days=30)


def program(app: Flask, tenant: TenantRef, *, scopes: Collection[str] = ALL) -> Program:
    """A program of the owner of the bound company, with just these rights."""
    return Program(app, tenant, token_of(owner(), scopes=scopes))
