"""The SMS channel: one text to one number by Twilio's Messages API. It knows nothing of rows and never retries."""
from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ispbill.notifications.texting.policy import is_service

TIMEOUT_SECONDS = 20
_LONGEST_ANSWER = 100_000
# These pass: too many at once, and faults of the provider's own.
_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class Refused(Exception):
    """The provider did not take a text; `is_final` where it never will."""

    def __init__(self, message: str, *, is_final: bool) -> None:
        super().__init__(message)
        self.is_final = is_final


FAILURES = (OSError, ValueError, Refused)


@dataclass(frozen=True, slots=True)
class Account:
    """Who sends, and where the provider listens."""

    url: str
    sid: str
    sender: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the provider calls a text that it took, and its first report."""

    sid: str
    status: str


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry the account's token elsewhere."""

    def redirect_request(self, *told: Any, **more: Any) -> None:
        return None


def send(account: Account, *, recipient: str, text: str, callback: str) -> Accepted:
    """Hand one text in. Raises one of FAILURES where it is not taken."""
    sender = "MessagingServiceSid" if is_service(account.sender) else "From"
    values = {"To": recipient, sender: account.sender, "Body": text, "StatusCallback": callback}
    request = Request(
        f"{account.url}/2010-04-01/Accounts/{account.sid}/Messages.json", urlencode(values).encode(),
        {"Authorization": f"Basic {_basic(account)}", "Accept": "application/json"},
    )
    answer = _answer(request)
    return Accepted(str(answer["sid"]), str(answer.get("status", "")))


def _answer(request: Request) -> dict[str, Any]:
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS) as response:
            told = json.loads(response.read(_LONGEST_ANSWER))
    except HTTPError as refusal:
        is_final = refusal.code < HTTPStatus.INTERNAL_SERVER_ERROR and refusal.code not in _PASSING
        raise Refused(_words(refusal), is_final=is_final) from None
    if not isinstance(told, dict) or "sid" not in told:
        raise ValueError("the provider's answer names no text")
    return told


def _words(refusal: HTTPError) -> str:
    """What the provider says of a refusal: its code and sentence."""
    try:
        told = json.loads(refusal.read(_LONGEST_ANSWER))
        return f"{told['code']}: {told['message']}"
    except (ValueError, KeyError, TypeError):
        return f"HTTP {refusal.code}"


def _basic(account: Account) -> str:
    return base64.b64encode(f"{account.sid}:{account.token}".encode()).decode()
