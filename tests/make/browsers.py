"""A browser at a company's site: it keeps cookies, sends the CSRF token with forms, and can be signed in."""
from __future__ import annotations

import contextvars
import re
from collections.abc import Collection
from typing import Any

import flask.globals
import pyotp
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ispbill.accounts.models import Role, User
from ispbill.accounts.roles import service as roles
from ispbill.accounts.second_factors import service as second_factors
from ispbill.accounts.users import queries as users
from ispbill.accounts.users import service as user_verbs
from ispbill.core.crypto import hash_password
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work

PASSWORD = "four words that fit"
OWNER_EMAIL = "owner@example.com"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """A test client at one company's address; each request runs in a context of its own, as in a server."""

    def __init__(self, app: Flask, tenant: TenantRef) -> None:
        self.client = app.test_client()
        self.base_url = f"http://{tenant.subdomain}.isp.test"
        self._csrf_token: str | None = None

    def get(self, path: str, **options: Any) -> TestResponse:
        """Ask for a page."""
        return self.send("GET", path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form, with the CSRF token of this browser's session."""
        return self.send("POST", path, data={"csrf_token": self._token(), **(data or {})}, **options)

    def sign_in(self, email: str = OWNER_EMAIL, password: str = PASSWORD) -> TestResponse:
        """Sign in by the form."""
        answer = self.post("/login", {"email": email, "password": password})
        self._csrf_token = None
        return answer

    def _token(self) -> str:
        if self._csrf_token is None:
            for path in ("/profile", "/login", "/profile/two-factor/set-up"):
                found = _TOKEN.search(self.get(path).text)
                if found:
                    self._csrf_token = found.group(1)
                    break
        return self._csrf_token or ""

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request of any kind."""
        def answer() -> TestResponse:
            # A request inside the test's application context would share its `g` and its database session.
            return self.client.open(path, method=method, base_url=self.base_url, **options)

        context = contextvars.Context()
        for variable, value in contextvars.copy_context().items():
            if variable is not flask.globals._cv_app:
                context.run(variable.set, value)
        return context.run(answer)


def owner() -> User:
    """The owner of the bound company, with the password PASSWORD."""
    with unit_of_work():
        user_verbs.register_owner(OWNER_EMAIL, full_name="Olivia Owner", password_hash=hash_password(PASSWORD))
        person = users.owner()
    assert person is not None
    return person


def colleague(email: str = "ana@example.com", *, permissions: Collection[str] = ()) -> User:
    """A user of the bound company with these permissions and the password PASSWORD."""
    with unit_of_work():
        person = User(email=email, full_name=email.partition("@")[0].title(), created_at=current.now(),
                      password_hash=hash_password(PASSWORD))
        db.session.add(person)
        db.session.flush()
        if permissions:
            role = roles.add(f"Role of {email}", permissions=permissions)
            roles.assign(person.id, name=person.full_name, role_ids=[role.id])
    return person


def member(role: str) -> User:
    """A user of the bound company who has one of the roles it was born with, and the password PASSWORD."""
    person = colleague(f"{role.lower().replace(' ', '-')}@example.com")
    with unit_of_work():
        wanted = db.session.scalars(select(Role.id).where(Role.name == role)).one()
        roles.assign(person.id, name=person.full_name, role_ids=[wanted])
    return person


def two_factors(user_id: int) -> str:
    """Let a user who has the password PASSWORD sign in with two factors; the secret of their app."""
    new = second_factors.enrolment(user_id)
    second_factors.set_up(
        user_id, sealed=new.sealed, code=pyotp.TOTP(new.secret).at(current.now()), password=PASSWORD, session_id=0,
    )
    return new.secret


def signed_in(app: Flask, tenant: TenantRef, *, permissions: Collection[str] | None = None) -> Browser:
    """A browser signed in as the owner, or as a colleague with just these permissions."""
    browser = Browser(app, tenant)
    browser.sign_in((owner() if permissions is None else colleague(permissions=permissions)).email)
    return browser
