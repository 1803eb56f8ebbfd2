"""Papers that go with a message. A message keeps only the reference; the paper is made from the rows when it is sent.

Who makes which kind of paper stands in app.py, for papers are made above the messages.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Paper(NamedTuple):
    """A file by its name, a PDF unless said otherwise."""

    name: str
    content: bytes
    content_type: str = "application/pdf"


_makers: dict[str, Callable[[str], Paper]] = {}


def install(makers: Mapping[str, Callable[[str], Paper]]) -> None:
    """Set who makes the papers of each kind; a maker gets what stands behind the kind in the reference."""
    _makers.clear()
    _makers.update(makers)


def made(reference: str) -> Paper:
    """The paper of a reference such as `invoice:7`. Raises ValueError where nobody makes such papers."""
    kind, _, subject = reference.partition(":")
    if kind not in _makers:
        raise ValueError(f"nobody makes papers of the kind {kind}")
    return _makers[kind](subject)
