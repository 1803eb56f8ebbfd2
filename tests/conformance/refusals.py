"""Cases that want to be refused: whether they do, and whether what ispbill says is about the same thing."""
from __future__ import annotations

import re

_WANTED = re.compile(
    r"\b(refus\w*|reject\w*|errors?|illegal\w*|invalid|conflict|forbidden|exception|cannot|not allowed)\b", re.I
)
# What a refusal can be about: words of the case, words of ispbill.
_TOPICS = tuple((re.compile(theirs, re.I), re.compile(ours, re.I)) for theirs, ours in (
    (r"exceed|more than|greater|too (much|large)|over the|above", r"more than|exceed|at most|only .* left|not so much"),
    (r"twice|already|again|duplicate", r"already|twice|again"),
    (r"\bpaid\b|payment", r"\bpaid\b|payment"),
    (r"repair|credited|credit note", r"credit"),
    (r"void", r"void"),
    (r"before", r"before"),
    (r"anchor|billing.day|cycle.day", r"billing day"),
    (r"negative|zero|below", r"zero|negative|less than|below"),
))


def is_wanted(words: str) -> bool:
    """Whether a case expects to be refused."""
    return _WANTED.search(words.replace("_", " ")) is not None


def is_of_smaller_units(message: str) -> bool:
    """Whether an amount of the case has more decimals than its currency."""
    return "is not an amount in" in message


def is_same(words: str, message: str) -> bool:
    """Whether a case's words and ispbill's message have a topic in common."""
    return any(theirs.search(words) and ours.search(message) for theirs, ours in _TOPICS)
