"""What one home's demo is made of: when it began, how many months, whose file. Kept, so that a stopped start goes on.

The password of the demo's people is made once per home and stands among its secrets.
"""
from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.text import CODE_ALPHABET
from ispbill.demo.population import Span
from ispbill.embedded.home import Home, write_once, write_private

DEFAULT_MONTHS = 4
MOST_MONTHS = 11
_GROUPS, _GROUP_LENGTH = 3, 4


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person at the keyboard asked for; None where they said nothing."""

    months: int | None = None
    customers: Path | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """The demo as it was begun."""

    began_at: datetime
    months: int
    customers: Path | None = None
    customers_digest: str | None = None

    def span(self, timezone: str) -> Span:
        """The days to play for a company: whole months before the day of the first start, up to that day."""
        last_on = self.began_at.astimezone(ZoneInfo(timezone)).date()
        month = last_on.year * 12 + last_on.month - 1 - self.months
        return Span(date(month // 12, month % 12 + 1, 1), last_on)


def password(home: Home) -> str:
    """The one password of all the demo's log-ins in this home, in groups that can be typed."""
    file = home.secrets / "demo_password"
    groups = ("".join(secrets.choice(CODE_ALPHABET.lower()) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    write_once(file, "-".join(groups))
    return file.read_text(encoding="ascii").strip()


def kept(home: Home) -> Stage | None:
    """The stage of this home; None before the first start."""
    try:
        told = json.loads(_file(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Stage(
        began_at=datetime.fromisoformat(told["began_at"]), months=told["months"],
        customers=Path(told["customers"]) if told["customers"] else None,
        customers_digest=told["customers_digest"],
    )


def begin(home: Home, wish: Wish, *, now: datetime) -> Stage:
    """A new stage for this home. Raises Invalid for months that cannot be played or a file that cannot be read."""
    months = DEFAULT_MONTHS if wish.months is None else wish.months
    if not 1 <= months <= MOST_MONTHS:
        raise Invalid(f"The demo plays 1 to {MOST_MONTHS} months, not {months}.", field="months")
    stage = Stage(began_at=now, months=months)
    if wish.customers is not None:
        stage = replace(stage, customers=wish.customers.resolve(), customers_digest=_digest(wish.customers))
    told = {**asdict(stage), "began_at": now.isoformat(), "customers": stage.customers and str(stage.customers)}
    write_private(_file(home), json.dumps(told, indent=2))
    return stage


def check_wish(stage: Stage, wish: Wish) -> None:
    """Raises Conflict where somebody asks for another demo than the home has."""
    if wish.months is not None and wish.months != stage.months:
        raise Conflict(f"This home's demo has {stage.months} months; add --fresh to make it anew with {wish.months}.")
    if wish.customers is not None and _digest(wish.customers) != stage.customers_digest:
        raise Conflict("This home's demo was made with other customers; add --fresh to make it anew with this file.")


def forget(home: Home) -> None:
    """Let the next start begin a new stage with another password."""
    _file(home).unlink(missing_ok=True)
    (home.secrets / "demo_password").unlink(missing_ok=True)


def _file(home: Home) -> Path:
    return home.path / "demo.json"


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise Invalid(f"The file {file} cannot be read: {error.strerror}.", field="customers") from None
