"""What a signed token says and how it is read (JWT, RFC 7519; HS256). Plain values only.

A token proves which session it is of. Whether that session still lives, and what its user may do, the database says.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import jwt

ALGORITHM = "HS256"
_SAID = ("sub", "role", "tenant", "email", "iat", "exp", "jti")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: the user's id, the names of their roles, the company's code, and the session it stands for."""

    sub: str
    role: str
    tenant: str
    email: str
    jti: str


def written(claims: Claims, *, key: str, issued_at: datetime, expires_at: datetime) -> str:
    """The token; instants are whole seconds in it."""
    whole = {**asdict(claims), "iat": int(issued_at.timestamp()), "exp": int(expires_at.timestamp())}
    return jwt.encode(whole, key, algorithm=ALGORITHM)


def session_of(token: str, *, key: str, tenant: str, now: datetime) -> str | None:
    """The session that a token stands for; None where it is of another company, altered, unsigned or has expired."""
    try:
        # The library would read the machine's clock; ours may stand elsewhere.
        said = jwt.decode(token, key, algorithms=[ALGORITHM],
                          options={"require": list(_SAID), "verify_exp": False, "verify_iat": False})
    except jwt.InvalidTokenError:
        return None
    expires_at, session = said["exp"], said["jti"]
    if said["tenant"] != tenant or not isinstance(session, str) or not isinstance(expires_at, int):
        return None
    return session if now.timestamp() < expires_at else None
