"""How a text is written, counted and signed, and which report about it counts. Pure.

Counting follows 3GPP TS 23.038: a text of the basic alphabet has 160 characters in one part and 153 in each of several,
any other one 70 and 67 UTF-16 units.
"""
from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
# What letters are written with and the basic alphabet lacks: one such sign makes a text more than twice as dear.
_PLAINER = {"₱": "PHP ", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "...",
            "\u00a0": " ", "\u202f": " ", "×": "x"}
# The longest text that the provider takes.
LONGEST_TEXT = 1_600
_ACCOUNT = re.compile(r"AC[0-9a-f]{32}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_SENDER = re.compile(r"\+[1-9][0-9]{6,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{2,11}")


class Delivery(StrEnum):
    """What the provider says of a text, in the order in which it may happen."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


_RANK = {Delivery.QUEUED: 0, Delivery.SENDING: 1, Delivery.SENT: 2, Delivery.DELIVERED: 3, Delivery.UNDELIVERED: 3,
         Delivery.FAILED: 3}
LOST = (Delivery.UNDELIVERED, Delivery.FAILED)


@dataclass(frozen=True, slots=True)
class SmsTerms:
    """The account as a person enters it; an empty token keeps the one that is known."""

    account_sid: str
    token: str
    sender: str
    is_enabled: bool = True


def checked_account(terms: SmsTerms) -> SmsTerms:
    """The account, if its parts look as the provider writes them. Raises Invalid."""
    if not _ACCOUNT.fullmatch(terms.account_sid.strip()):
        raise Invalid(_("An account SID is AC and 32 characters, as the provider shows it."), field="account_sid")
    sender = terms.sender.strip()
    if not (_SENDER.fullmatch(sender) or is_service(sender)):
        raise Invalid(_("Enter a number like +639171234567, a name of at most 11 letters, or a service like MG…."),
                      field="sender")
    return SmsTerms(terms.account_sid.strip(), terms.token.strip(), sender, terms.is_enabled)


def is_service(sender: str) -> bool:
    """Whether a sender is a pool of numbers at the provider."""
    return _SERVICE.fullmatch(sender) is not None


def plain(text: str) -> str:
    """A text without the signs that would make it dearer, in one paragraph."""
    return " ".join("".join(_PLAINER.get(sign, sign) for sign in text).split())[:LONGEST_TEXT]


def segments(text: str) -> int:
    """How many parts a text is sent and billed as."""
    if set(text) <= _BASIC | _EXTENDED:
        return _parts(len(text) + sum(sign in _EXTENDED for sign in text), whole=160, part=153)
    return _parts(len(text.encode("utf-16-le")) // 2, whole=70, part=67)


def signature(url: str, values: Mapping[str, str], *, token: str) -> str:
    """How the provider signs a request to us: HMAC-SHA1 over the address and all values by name, in base 64.

    Source: Twilio, “Validating signatures from Twilio” (X-Twilio-Signature).
    """
    signed = url + "".join(f"{name}{values[name]}" for name in sorted(values))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def is_signed(url: str, values: Mapping[str, str], *, token: str, shown: str) -> bool:
    """Whether a request carries its signature. An empty one never fits."""
    return bool(shown) and hmac.compare_digest(signature(url, values, token=token).encode(), shown.encode())


def newer(known: str | None, told: str) -> Delivery | None:
    """The report, where it says more than what is known: reports come in any order, and more than once."""
    if told not in list(Delivery):
        return None
    delivery = Delivery(told)
    return delivery if known not in list(Delivery) or _RANK[delivery] > _RANK[Delivery(known or "")] else None


def _parts(length: int, *, whole: int, part: int) -> int:
    return 1 if length <= whole else -(-length // part)
