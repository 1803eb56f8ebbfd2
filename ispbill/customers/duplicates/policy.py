"""Rules of duplicates: how alike two records are, which may be merged into which, what the kept one learns. Pure."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.text import folded

LIKELY = 60
# How far a record is in its life; one that is further is not merged into one that is less far.
_RANK = {"terminated": 0, "lead": 1, "suspended": 2, "active": 3}
# What a kept record takes over where it knows nothing itself; what belongs together goes together.
_TAKEN_OVER: tuple[tuple[str, ...], ...] = (
    ("email",), ("phone",), ("tax_identifier",), ("area_id", "street", "landmark"),
    ("latitude", "longitude", "location_accuracy"), ("e_billing_since",), ("notes",), ("external_reference",),
)


@dataclass(frozen=True, slots=True)
class Known:
    """By what two records are compared."""

    name: str
    phone: str = ""
    email: str = ""
    street: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two records are, 0 to 100, and what makes them so, in words."""

    score: int
    reasons: tuple[str, ...]


def likeness(one: Known, other: Known) -> Likeness:
    """How alike two records are: the same phone or e-mail address says most, name and street together much."""
    names, streets = _alike(one.name, other.name), _alike(one.street, other.street)
    reasons = [
        words for words, holds in (
            (lazy("same phone"), one.phone and one.phone == other.phone),
            (lazy("same e-mail"), one.email and one.email.lower() == other.email.lower()),
            (lazy("same name") if names == 100 else lazy("similar name"), names >= 80),
            (lazy("same street") if streets == 100 else lazy("similar street"), streets >= 80),
        ) if holds
    ]
    score = 70 * any(reason in (lazy("same phone"), lazy("same e-mail")) for reason in reasons)
    score += names * 6 // 10 * (names >= 60) + streets * 3 // 10 * (streets >= 80)
    return Likeness(min(score, 100), tuple(reasons))


def check_merge(kept_status: str, merged_status: str, *, is_same: bool, is_merged: bool) -> None:
    """Raises Conflict for a record and itself, for one merged before, or where the one to go is served more."""
    if is_same:
        raise Conflict(_("Choose two different customers."))
    if is_merged:
        raise Conflict(_("One of the two was merged before."))
    if _RANK[kept_status] < _RANK[merged_status]:
        raise Conflict(_("The one to keep is %(kept_status)s, the other %(merged_status)s. Keep the other one.",
                         kept_status=kept_status, merged_status=merged_status))


def taken_over(kept: Mapping[str, Any], merged: Mapping[str, Any]) -> dict[str, Any]:
    """What the kept record takes from the other, by column: only where it knows nothing of a kind."""
    taken: dict[str, Any] = {}
    for columns in _TAKEN_OVER:
        if not any(kept[column] for column in columns):
            taken |= {column: merged[column] for column in columns if merged[column]}
    return taken


def search_word(name: str) -> str:
    """The word of a name that finds its likes: the longest, without its last letters, where people err most."""
    longest = max(folded(name).split(), key=len, default="")
    return longest[:max(3, len(longest) - 2)]


def best(scored: Sequence[tuple[Any, Likeness]], *, limit: int) -> list[tuple[Any, Likeness]]:
    """The likely ones, the most alike first."""
    likely = [pair for pair in scored if pair[1].score >= LIKELY]
    return sorted(likely, key=lambda pair: pair[1].score, reverse=True)[:limit]


def _alike(one: str, other: str) -> int:
    """How alike two texts are, 0 to 100, whatever their capitals, accents, signs and order of words."""
    first, second = _plain(one), _plain(other)
    if not first or not second:
        return 0
    return int(SequenceMatcher(None, first, second, autojunk=False).ratio() * 100)


def _plain(text: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in folded(text)).split()
    return " ".join(sorted(words))
