"""Signing in by the API, for a token that works an hour, and signing out."""
from __future__ import annotations

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError, fields, validate

from ispbill.accounts import identity
from ispbill.accounts.policy import LONGEST_PASSWORD
from ispbill.accounts.sessions import service as sessions
from ispbill.accounts.signed_tokens import service as verbs
from ispbill.accounts.signed_tokens.service import SignedToken
from ispbill.core.errors import Unauthenticated
from ispbill.core.i18n import lazy
from ispbill.core.text import is_storable
from ispbill.web.errors import answer
from ispbill.web.guards import public, signed_in
from ispbill.web.limiter import limiter
from ispbill.web.rest.fields import Text
from ispbill.web.rest.resources import PREFIX, resource
from ispbill.web.rest.schemas import Body

blueprint = resource("login", address=PREFIX, description="Signing in as a person, for an hour. "
                     "Programs that run by themselves use an API token instead.")
_TOO_MANY = lazy("Too many attempts from your address. Wait a minute and try again.")


class Password(fields.String):
    """A password as it is, outer blanks included."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=LONGEST_PASSWORD), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **options)
        if not is_storable(text):
            raise ValidationError("No password has such characters.")
        return text


class Credentials(Body):
    """What the log-in page asks for."""

    email = Text(most=254, required=True)
    password = Password(required=True)
    code = Text(most=20, load_default="", metadata={
        "description": "The code of the app, or a recovery code, where the user signs in with two factors"})


class SignedIn(Schema):
    """A JSON Web Token with the claims sub, role, tenant, email, iat, exp and jti."""

    access_token = fields.String(attribute="plain", required=True)
    token_type = fields.Constant("Bearer", required=True, metadata={"type": "string"})
    expires_in = fields.Integer(attribute="lifetime_seconds", required=True, metadata={"description": "Seconds"})


@blueprint.post("/login")
@public
@limiter.limit("20 per minute; 200 per hour", error_message=_TOO_MANY)
@blueprint.arguments(Credentials)
@blueprint.response(200, SignedIn)
def sign_in(body: dict[str, Any]) -> SignedToken | ResponseReturnValue:
    """Sign in with e-mail address and password; the token may do what its user may."""
    admitted = verbs.sign_in(**body)
    if isinstance(admitted, Unauthenticated):
        return answer(admitted.status, admitted.title, admitted.message, admitted.flaws)
    return admitted


@blueprint.post("/logout")
@signed_in
@blueprint.response(204)
def sign_out() -> Response | None:
    """Sign out: the token that this request carries stops working."""
    sessions.sign_out(identity.session_id())
    return None
