"""Secrets: password hashes, tokens, derived keys, sealed values. Of a token only its SHA-256 is stored."""
from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from cryptography.fernet import Fernet, InvalidToken

_KEY_ID = "k1"
# argon2id with 19 MiB, two passes, one lane: the least that OWASP's Password Storage Cheat Sheet recommends. The
# library's own defaults cost eight times as much on the small machines this runs on.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Verified against when the account does not exist, so that the answer takes as long as for one that does.
_DECOY = _hasher.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class NewToken:
    """A fresh token: `plain` for its holder, `digest` and `prefix` for the database."""

    plain: str
    digest: str
    prefix: str


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether the password fits the hash; takes as long where there is no hash."""
    try:
        _hasher.verify(password_hash or _DECOY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None


def new_token(kind: str) -> NewToken:
    """A random 256-bit token whose visible prefix names its kind, such as `isp_pat_`."""
    plain = f"{kind}_{secrets.token_urlsafe(32)}"
    return NewToken(plain=plain, digest=digest(plain), prefix=plain[: len(kind) + 7])


def digest(token: str) -> str:
    """SHA-256 of a token, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def derive(secret_key: str, purpose: str) -> str:
    """A secret for one purpose, derived from the installation's key by HMAC-SHA-256."""
    return hmac.new(secret_key.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def seal(text: str, *, secret_key: str) -> str:
    """A text that only this installation can read again; it begins with the id of the key."""
    return f"{_KEY_ID}.{_sealer(secret_key, _KEY_ID).encrypt(text.encode()).decode()}"


def unseal(sealed: str, *, secret_key: str) -> str:
    """The text that was sealed. Raises ValueError where it was sealed with another key or altered."""
    key_id, _, box = sealed.partition(".")
    try:
        return _sealer(secret_key, key_id).decrypt(box.encode()).decode()
    except InvalidToken:
        raise ValueError("the value was sealed with another key") from None


def _sealer(secret_key: str, key_id: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(derive(secret_key, f"sealed values {key_id}"))))
