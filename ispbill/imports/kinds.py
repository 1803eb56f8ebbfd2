"""What can be brought in: each feature describes its kind, and the table of them stands in app.py."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from ispbill.core.db import TenantModel
from ispbill.core.errors import NotFound
from ispbill.core.i18n import gettext as _
from ispbill.core.tables import Table
from ispbill.imports.policy import Column, Effect, Loaded, Step


@dataclass(frozen=True, slots=True)
class Terms:
    """What is said of a file as a whole: the day it is about (where its kind asks for one), and its batch."""

    day: date
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that files bring in.

    `load` holds lines against the books and changes nothing. `write` does what the steps say and tells what it
    touched, in the order in which it did; it may raise, and is then asked again line by line. `models` are the tables
    it touches; rows of the tables `owned` go with what they belong to when it is taken back. `revert`, where there is
    one, takes back an effect that is not simply a row to be removed. `day` asks for a day by this label, and
    `check_day` raises where that day cannot be; `key` says by what a row is known when it comes again. Who brings in
    needs `permission`, and so does who reads what a file held; who takes back needs `undo_permission`, for it removes.
    """

    code: str
    label: str
    permission: str
    undo_permission: str
    columns: Callable[[], Sequence[Column]]
    load: Callable[[Table, Terms], Loaded]
    write: Callable[[Sequence[Step], Terms], Sequence[Effect]]
    models: tuple[type[TenantModel], ...]
    key: str
    owned: frozenset[str] = frozenset()
    day: str = ""
    default_day: Callable[[date], date] = lambda today: today
    check_day: Callable[[date], object] = lambda day: None
    revert: Callable[[int, str], None] | None = None


_kinds: dict[str, Kind] = {}


def install(kinds: Sequence[Kind]) -> None:
    """Set what can be brought in, in the order in which a new company would."""
    _kinds.clear()
    _kinds.update({kind.code: kind for kind in kinds})


def everything() -> list[Kind]:
    """Every kind, in that order."""
    return list(_kinds.values())


def named(code: str) -> Kind:
    """The kind of that name. Raises NotFound."""
    if code not in _kinds:
        raise NotFound(_("There is no such import."))
    return _kinds[code]
