"""Finds the reading of each case, plays it in a company of its own and says what came of it."""
from __future__ import annotations

import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from flask import current_app

from ispbill.app import create_app
from ispbill.config import load as load_settings
from ispbill.core.current import SYSTEM, at, bound
from ispbill.core.errors import DomainError
from ispbill.embedded import services
from ispbill.tenancy import installing
from tests.conformance import (
    accounts,
    anchors,
    behaviours,
    clocks,
    collecting,
    contracts,
    coupons,
    crediting,
    minimums,
    overdue,
    refusals,
    taxing,
    thresholds,
    timelines,
    usage,
    wallets,
)
from tests.conformance.cases import CannotExpress, Case, NotOurs, currency_of, zone_of
from tests.conformance.comparing import MISSING, differences
from tests.conformance.naming import is_day
from tests.make import tenants

_NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
_READINGS = (anchors, clocks, overdue, thresholds, coupons, minimums, contracts, crediting, taxing, usage, collecting,
             wallets, accounts, timelines)
# Behaviours that are told as stories.
_TOLD = {"prepaid_anti_pattern", "timezone", "dst"}
# What a company of the case's own is opened with.
_OF_THE_COMPANY = {"currency", "tz", "timezone", "time_zone"}
# How readings say that a case is not theirs.
_UNKNOWN = ("no reading of", "no story is told", "no campaign is told", "no overdue states", "the price list is told")
# What ispbill does otherwise, and what it does instead.
_NOT_HERE = {
    "retries": "ispbill charges no card, so that nothing is tried again",
}
# What a case may say beside its figures, for people to read.
_REMARKS = {"note", "notes", "comment", "half_even", "half_even2", "value2"}
# The conventions that ispbill has, by how their names begin; others are another's way to count.
_CONVENTIONS = {"interval": ("half_open", "inclusive"), "proration": ("actual_days", "fixed_30"),
                "rounding": ("half_up",), "credit": ("from_billed",)}
# What only names something: no figure hangs on it.
_NAMES = {"name", "label", "plan_name", "product", "customer", "account", "metric", "unit_name"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case: pass, fail, or not applicable; and why."""

    id: str
    result: str
    reason: str = ""


@contextmanager
def playhouse() -> Iterator[None]:
    """Servers and a database of their own, removed afterwards, and the application over them."""
    home = Path(tempfile.mkdtemp(prefix="ispbill-conformance-"))
    try:
        urls = services.ensure(home, fast=True)
        settings = load_settings({
            **os.environ, "ISPBILL_HOME": str(home), "ISPBILL_DOMAIN": "isp.test", "ISPBILL_TESTING": "1",
            "ISPBILL_DATABASE_URL": urls.database_url, "ISPBILL_REDIS_URL": urls.redis_url,
        })
        installing.prepare_database(settings)
        with create_app(settings).app_context():
            yield
    finally:
        services.stop(home)
        shutil.rmtree(home, ignore_errors=True)


def play_all(cases: Iterable[Case]) -> Iterator[Verdict]:
    """What came of each case, in order."""
    for case in cases:
        yield play(case)


def play(case: Case) -> Verdict:
    """Play one case, row by row where it has rows, and compare all that it expects."""
    try:
        _refuse_untold(case)
        wrong, unanswered = differences(_expected(case), _answers(case))
    except CannotExpress as reason:
        return Verdict(case.id, "not_applicable", str(reason))
    except DomainError as refusal:
        return _refused(case, str(refusal.message))
    except Exception as error:  # whatever a case of unknown shape runs into, the others are played
        words = f"{type(error).__name__}: {error}"
        if _is_of_the_reading(error):
            return Verdict(case.id, "not_applicable", f"a shape that no reading knows ({words})")
        return Verdict(case.id, "fail", words)
    if wrong:
        return Verdict(case.id, "fail", "; ".join(wrong))
    if unanswered:
        reasons = [_NOT_HERE[name] for name in unanswered if name in _NOT_HERE]
        reason = "; ".join([f"nothing here answers {', '.join(unanswered)}", *reasons])
        return Verdict(case.id, "not_applicable", reason)
    return Verdict(case.id, "pass")


def _refuse_untold(case: Case) -> None:
    """Raises CannotExpress for a case without an answer, or one that counts as ispbill does not."""
    if not _expected(case):
        raise CannotExpress("the case does not say what must come out")
    for name, known in _CONVENTIONS.items():
        value = case.conventions.get(name) or known[0]
        if not str(value).startswith(known):
            raise NotOurs(f"the case counts by a convention of {name} that ispbill does not have: {value}")


def _refused(case: Case, message: str) -> Verdict:
    """A refusal is right only where the case wants one, and for a reason of the same kind."""
    wanted = " ".join(f"{name} {value}" for name, value in _expected(case).items())
    if refusals.is_of_smaller_units(message):
        return Verdict(case.id, "not_applicable", f"amounts are whole units of their currency: {message}")
    if not refusals.is_wanted(wanted):
        return Verdict(case.id, "fail", f"ispbill refuses it: {message}")
    others = [name for name, value in _expected(case).items() if not refusals.is_wanted(f"{name} {value}")]
    if others:
        return Verdict(case.id, "not_applicable", f"nothing here answers {', '.join(others)}: ispbill refuses it")
    if refusals.is_same(f"{wanted} {case.description}", message):
        return Verdict(case.id, "pass")
    return Verdict(case.id, "not_applicable", f"ispbill refuses it, maybe for another reason: {message}")


def _is_of_the_reading(error: Exception) -> bool:
    """Whether a value of the case was not what its reading took it for, before the engine saw it."""
    *_, innermost = traceback.extract_tb(error.__traceback__)
    is_ours = Path(innermost.filename).parent == Path(__file__).parent
    return is_ours and isinstance(error, LookupError | TypeError | ValueError | ArithmeticError | AttributeError)


def _expected(case: Case) -> Mapping[str, Any]:
    return {name: value for name, value in case.expected.items() if name not in _REMARKS}


def _answers(case: Case) -> Mapping[str, Any]:
    if case.adopt == "behaviour" and case.category not in _TOLD:
        try:
            return _in_a_company(case, _behaved)
        except CannotExpress as unproven:
            return _told_at_least(case, unproven)
    return _told(case)


def _told_at_least(case: Case, unproven: CannotExpress) -> Mapping[str, Any]:
    """The figures of a behaviour that no test proves, where a story comes to them."""
    try:
        return _told(case)
    except CannotExpress:
        raise unproven from None


def _told(case: Case) -> Mapping[str, Any]:
    rows = case.given.get("rows") or _by_zone(case)
    return _by_row(case, rows) if isinstance(rows, list) else _alone(case)


def _by_row(case: Case, rows: list[Any]) -> Mapping[str, Any]:
    found: dict[str, list[Any]] = {name: [] for name in case.expected}
    for place, row in enumerate(rows):
        if "rows" in found:
            found["rows"].append(_of_row(case, _values(case, row), case.expected["rows"][place]))
            continue
        wanted = {name: value[place] if isinstance(value, list) else value for name, value in case.expected.items()}
        wanted = {name.removesuffix("s"): value for name, value in wanted.items()} | wanted
        answer = _alone(case.row(_values(case, row), wanted))
        for name in found:
            found[name].append(answer.get(name, answer.get(name.removesuffix("s"), MISSING)))
    if "rows" in found:
        return {"rows": found["rows"]} | _over_rows(found["rows"])
    return {name: values if isinstance(case.expected[name], list) else _agreed(values)
            for name, values in found.items()}


def _of_row(case: Case, values: Mapping[str, Any], expected: Any) -> Any:
    """What comes of a row: under names, or several amounts in a list."""
    if isinstance(expected, list):
        return _alone(case.row(values, {"last_amounts": expected})).get("last_amounts", MISSING)
    return _alone(case.row(values, expected))


def _over_rows(rows: list[Any]) -> Mapping[str, Any]:
    """The sum of what all rows come to."""
    totals = [row.get("total") if isinstance(row, Mapping) else None for row in rows]
    return {"sum": sum(totals)} if totals and None not in totals else {}


def _agreed(values: list[Any]) -> Any:
    """What all rows came to, where that is one thing."""
    return values[0] if all(value == values[0] for value in values) else values


def _by_zone(case: Case) -> list[Any] | None:
    """One row for each zone of a case that names several."""
    zones = case.find("tz", "zones", "timezones")
    return [{"tz": zone} for zone in zones] if isinstance(zones, list) else None


def _values(case: Case, row: Any) -> Mapping[str, Any]:
    """A row's values by name; a bare day is the day of what the case is about."""
    if isinstance(row, Mapping):
        return row
    if not is_day(row) and case.category.startswith("usage"):
        return {"quantity": row}
    if str(row) in available_timezones():
        return {"tz": row}
    if case.category != "plan_change" and case.says("cancel", "terminat", "ended", "leaves", "left"):
        return {"cancel": row}
    if case.category != "plan_change" and not case.says("change"):
        raise CannotExpress(f"the case does not say what happens on {row}")
    return {"change_at": row}


def _alone(case: Case) -> Mapping[str, Any]:
    return _in_a_company(case, _read)


def _in_a_company(case: Case, answers: Callable[[Case], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Play in a company of the case's own; what it changes in the clock ends with it."""
    with current_app.app_context(), at(_NOW):
        tenant = tenants.open_company(currency=currency_of(case), timezone=zone_of(case))
        with bound(tenant, SYSTEM):
            return answers(case)


def _behaved(case: Case) -> Mapping[str, Any]:
    found = behaviours.answers(case)
    _refuse_half_read(case)
    return found


def _read(case: Case) -> Mapping[str, Any]:
    """What the first reading that knows the shape of the case answers."""
    reasons = []
    for reading in _READINGS:
        case.given.taken.clear()
        try:
            found = reading.answers(case)
            _refuse_half_read(case)
        except NotOurs:
            raise
        except CannotExpress as reason:
            reasons.append(str(reason))
        else:
            return found
    said = [reason for reason in dict.fromkeys(reasons) if not reason.startswith(_UNKNOWN)]
    raise CannotExpress("; ".join(said) or f"no reading knows a case of “{case.category}” with {', '.join(case.given)}")


def _refuse_half_read(case: Case) -> None:
    """Raises CannotExpress where something given made no difference: an answer that is right without it is luck."""
    rest = case.given.keys() - case.given.taken - _REMARKS - _NAMES - _OF_THE_COMPANY
    if rest:
        raise CannotExpress(f"nothing here knows what {', '.join(sorted(rest))} means in such a case")
