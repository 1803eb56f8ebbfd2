"""Cases of behaviour: runs that are repeated, raced, killed or rolled back, with the figures that the case gives.

Each is played in a company of its own. What came of it is counted; where a case names an outcome in words of its own,
they are compared by what they mean, and never repeated.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from unittest import mock

from flask import Flask, current_app
from sqlalchemy import func, select, update

from ispbill.billing.charges import policy
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import jobs, queries, service
from ispbill.billing.runs.models import BillingRunChunk
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import SYSTEM, at, bound, current
from ispbill.core.db import db
from ispbill.core.periods import month_day
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions.models import SubscriptionComponent
from tests.conformance.books import Account
from tests.conformance.cases import CannotExpress, Case, amount, amounts
from tests.make import bills
from tests.make.crashes import killed
from tests.make.programs import Program, program

# More than any case needs, and no more threads than a company's database answers.
_MOST_AT_ONCE, _MOST = 64, 100
_PART = SubscriptionComponent
# What outcomes are called, and what is meant.
_MEANT = tuple((re.compile(words, re.I), meaning) for words, meaning in (
    (r"park", "parked"),
    (r"error|illegal|refus|reject|exception|\b4\d\d\b", "refused"),
    (r"finali[sz]ed|issued", "issued"),
    (r"replay|stored response|first response", "replayed"),
))
_KILLED_AT = {"before": ("before", 2), "between": ("after", 1), "after": ("after", 2)}


def answers(case: Case) -> dict[str, Any]:
    """What comes of it. Raises CannotExpress for a behaviour that cannot be played here."""
    case.given.taken.clear()
    for (category, name), play in _PLAYS.items():
        if category == case.category and case.has(name):
            return {key: _said(case.expected.get(key), value) for key, value in play(case).items()}
    raise CannotExpress(_NOT_HERE.get(case.category, f"no way to play {case.category}: {', '.join(case.given)}"))


def _said(expected: Any, found: Any) -> Any:
    """An outcome as the case calls it, where it calls it by words that mean no more than what was found."""
    if not isinstance(found, frozenset):
        return [_said(*pair) for pair in zip(expected, found, strict=True)] if _are_outcomes(expected, found) else found
    meant = {meaning for words, meaning in _MEANT if words.search(str(expected))}
    if expected is not None and not meant:
        raise CannotExpress(f"nobody here knows what “{expected}” means")
    return expected if meant <= found else ", ".join(sorted(found))


def _are_outcomes(expected: Any, found: Any) -> bool:
    return isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected) \
        and all(isinstance(each, frozenset) for each in found)


def _outcome(*words: str) -> frozenset[str]:
    return frozenset(words)


def _count(case: Case, name: str, *, least: int = 1, most: int = _MOST) -> int:
    value = case.given[name]
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise CannotExpress(f"{name} {value} cannot be played here: {least} to {most} can")
    return value


def _repeated(case: Case) -> dict[str, Any]:
    """The run of one day, so many times."""
    bills.subscriber()
    first, *rest = [jobs.bill_now(current.today()).invoices for _ in range(_count(case, "runs", least=2))]
    assert first == 1, "the first run bills"
    by_run = {f"new_invoices_{name}_run": made for name, made in zip(("second", "third", "fourth"), rest, strict=False)}
    return {"new_invoices": sum(rest), "invoices_per_run": [first, *rest],
            "invoices": first + sum(rest), "total_invoices": _invoices(), **by_run}


def _existing(case: Case) -> dict[str, Any]:
    """A period that is billed and said to be unbilled: the run tries to bill it again."""
    told = re.fullmatch(r"(\d+) ?[×x*] ?same period", str(case.given["existing"]))
    if told is None:
        raise CannotExpress("the case tells what exists in words that are not known here")
    bills.subscriber()
    jobs.bill_now(current.today())
    before, refused = _invoices(), []
    for _ in range(int(told[1]) - 1):
        with unit_of_work():
            db.session.execute(update(_PART).values(billed_until=_PART.start_on, due_on=_PART.start_on))
        refused += jobs.bill_now(current.today()).parked
    parked = bool(refused) and all("uq_invoice_lines_live_charge" in str(each["reason"]) for each in refused)
    return {"result": _outcome("refused", "parked") if parked else _outcome("billed"),
            "account": _outcome("parked") if parked else _outcome("billed"), "new_items": _invoices() - before}


def _bounded(case: Case) -> dict[str, Any]:
    """Just so many lines of a subscription at once are billed; with one more, its customer is parked."""
    bound = _count(case, "bound", most=120)
    with unit_of_work():
        company.change_terms(BillingTerms(15, True, "", most_times_usual=0))
    with mock.patch.object(policy, "MOST_PERIODS", bound):
        within, beyond = (_billed_behind(count) for count in (bound, bound + 1))
    if (within, beyond) == ((1, 0), (0, 1)):
        return {"result": _outcome("refused", "parked"), "account": _outcome("parked"), "new_items": 0}
    return {"result": _outcome("billed"), "account": _outcome("billed"), "new_items": within[0] + beyond[0]}


def _billed_behind(periods: int) -> tuple[int, int]:
    """The invoices and the parked customers of a run that finds one subscription so many periods behind."""
    today = current.today()
    start = month_day(today.year * 12 + today.month - periods, today.day)
    bills.subscriber()
    with unit_of_work():
        db.session.execute(update(_PART).where(_PART.billed_until == today, _PART.due_on == today).values(
            start_on=start, aligned_on=start, billed_until=start, due_on=start))
    result = jobs.bill_now(today)
    with unit_of_work():
        db.session.execute(update(_PART).where(_PART.billed_until == start).values(due_on=None))
    return result.invoices, len(result.parked)


def _locked(case: Case) -> dict[str, Any]:
    """A chunk that another worker holds."""
    if case.given["lock"] != "held":
        raise CannotExpress("only a lock that is held can be played")
    chunk_id = _chunk()
    with unit_of_work():
        db.session.get_one(BillingRunChunk, chunk_id, with_for_update=True)
        (made,) = _at_once(1, lambda: _bill_chunk(chunk_id))
    left = _invoices()
    return {"invoices": left, "requeued": made is None and jobs.bill_now(current.today()).invoices == 1}


def _raced(case: Case) -> dict[str, Any]:
    """So many workers that bill the same period at the same moment."""
    chunk_id, workers = _chunk(), _count(case, "workers", most=_MOST_AT_ONCE)
    failed = [made for made in _at_once(workers, lambda: _bill_chunk(chunk_id)) if isinstance(made, Exception)]
    return {"invoices": _invoices(), "errors": len(failed)}


def _died(case: Case) -> dict[str, Any]:
    """A worker that is killed at a commit of the run; the next run does the rest."""
    if case.given["kill"] not in _KILLED_AT:
        raise CannotExpress(f"a worker is killed {', '.join(_KILLED_AT)} a commit")
    bills.subscriber()
    moment, commit = _KILLED_AT[case.given["kill"]]
    killed(lambda: jobs.bill_now(current.today()), moment=moment, commit=commit)
    jobs.bill_now(current.today())
    with unit_of_work():
        statuses = set(db.session.scalars(select(Invoice.status)))
    return {"invoices": _invoices(), "final_status": frozenset(statuses)}


def _swept(case: Case) -> dict[str, Any]:
    """A run over so many customers that dies at one of them, and again."""
    contracts = _count(case, "contracts")
    fail_at = _count(case, "fail_at", most=contracts)
    for _ in range(contracts):
        bills.subscriber()
    with mock.patch.object(service, "CHUNK_SIZE", 1):
        killed(lambda: jobs.bill_now(current.today()), moment="before", commit=fail_at + 1)
        before = _invoices()
        jobs.bill_now(current.today())
    again = jobs.bill_now(current.today()).invoices
    return {"invoices_before_failure": before, "invoices_after_retry": _invoices(), "invoiced_again": again}


def _numbered(case: Case) -> dict[str, Any]:
    """Documents of which some are rolled back, between those that stand."""
    finalized = _count(case, "finalized")
    rolled_back = _count(case, "rolled_back", least=0) if case.has("rolled_back") else 0
    for place in range(finalized):
        chunk_id = _chunk()
        for _ in range(rolled_back // finalized + (place < rolled_back % finalized)):
            _roll_back(chunk_id)
        _bill_chunk(chunk_id)
    with unit_of_work():
        numbers = db.session.scalars(select(Invoice.number).order_by(Invoice.id)).all()
    return {"numbers": [int(number.rpartition("-")[2]) for number in numbers]}


def _delivered(case: Case) -> dict[str, Any]:
    """One payment that is reported so many times, all at the same moment."""
    customer_id = bills.billed().customer_id
    tenant, moment, app = current.tenant, current.now(), _app()

    def report() -> None:
        with app.app_context(), bound(tenant, SYSTEM), at(moment), unit_of_work():
            payments.record(Receipt(customer_id, 5_000, "cash", idempotency_key="delivered"))

    failed = [each for each in _at_once(_count(case, "deliveries", most=_MOST_AT_ONCE), report) if each is not None]
    with unit_of_work():
        recorded = db.session.scalars(select(func.count()).select_from(Payment)).one()
    return {"transactions": recorded, "errors": len(failed)}


def _consumed(case: Case) -> dict[str, Any]:
    """Credit notes that invoices, all issued at the same moment, take from."""
    notes, invoices = (amounts(case.given[name]) for name in ("credit_notes", "invoices"))
    at_once = case.find("concurrent", default=True)
    if at_once is not True and at_once != len(invoices):
        raise CannotExpress("only notes that are taken from at the same moment are played here")
    told = next((name for name in ("threads", "workers") if case.has(name)), None)
    if told is not None and _count(case, told, most=_MOST_AT_ONCE) != len(invoices):
        raise CannotExpress("each invoice is issued by a thread of its own")
    account, today = Account(), current.today()
    for note in notes:
        account.owe([-note], on=today)
    queue = iter(invoices)
    failed = [each for each in _at_once(len(invoices), lambda: account.owe_more(next(queue))) if each is not None]
    applied = sum(notes, Decimal(0)) - account.credit()
    sums = ("total_applied", "applied_total", "total_consumed", "sum_applied", "sum")
    left = {} if account.credit() else dict.fromkeys(("balances", "credit_notes_left"), [Decimal(0)] * len(notes))
    return dict.fromkeys(sums, applied) | left | {"errors": len(failed),
            "credit_left": account.credit(), "remaining_due": max(account.balance(), Decimal(0))}


def _paid_at_once(case: Case) -> dict[str, Any]:
    """Payments of one invoice that arrive at the same moment; each is another."""
    paid = [amount(each) for each in case.given["payments"]]
    if case.has("threads") and _count(case, "threads", most=_MOST_AT_ONCE) != len(paid):
        raise CannotExpress("each payment arrives in a thread of its own")
    account, today = Account(), current.today()
    account.owe([amount(case.given["invoice"])], on=today)
    queue = iter(paid)
    failed = [each for each in _at_once(len(paid), lambda: account.pay(next(queue), on=today)) if each is not None]
    return {"remaining_due": sum(account.open_amounts()), "credit_left": account.credit(), "errors": len(failed)}


def _keyed(case: Case) -> dict[str, Any]:
    """One payment over the API, and then the same key with the same body, or with another."""
    customer_id = str(bills.subscriber())
    api = program(_app(), current.tenant)
    first = _post(api, customer_id, amount_minor=500)
    assert first.status_code == 201, first.text
    found = []
    for row in case.given["rows"]:
        if row not in ("same", "different body"):
            raise CannotExpress(f"a request that is “{row}” is not known here")
        answer = _post(api, customer_id, amount_minor=500 if row == "same" else 501)
        is_same = (answer.status_code, answer.data) == (first.status_code, first.data)
        found.append(_outcome("replayed" if is_same else "refused" if answer.status_code >= 400 else "done again"))
    return {"rows": found}


def _post(api: Program, customer_id: str, *, amount_minor: int) -> Any:
    return api.post("payments", key="K-1", customer_id=customer_id, amount_minor=amount_minor, method="cash")


def _chunk() -> int:
    """The chunk of a run that bills one new customer."""
    bills.subscriber()
    with unit_of_work():
        run = service.open_run(current.today(), approved=True)
        (chunk_id,) = queries.pending_chunk_ids(run.id)
    return chunk_id


def _bill_chunk(chunk_id: int) -> Any:
    with unit_of_work():
        return service.bill_chunk(chunk_id)


class _RolledBack(Exception):
    """Nothing of it stands."""


def _roll_back(chunk_id: int) -> None:
    try:
        with unit_of_work():
            made = service.bill_chunk(chunk_id)
            assert made is not None and made.invoices == 1, "it is billed before it is rolled back"
            raise _RolledBack
    except _RolledBack:
        return


def _at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """What came of it, or why it failed, for so many that do it at the same moment."""
    app, tenant, moment = _app(), current.tenant, current.now()

    def one(_: int) -> Any:
        with app.app_context(), bound(tenant, SYSTEM), at(moment):
            try:
                return work()
            except Exception as failure:  # counted, whatever it is
                return failure

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]


def _invoices() -> int:
    with unit_of_work():
        return db.session.scalars(select(func.count()).select_from(Invoice)).one()


_PLAYS: Mapping[tuple[str, str], Callable[[Case], dict[str, Any]]] = {
    ("idempotency", "runs"): _repeated, ("idempotency", "existing"): _existing, ("idempotency", "bound"): _bounded,
    ("concurrency", "credit_notes"): _consumed, ("credit_note_application", "credit_notes"): _consumed,
    ("concurrency", "lock"): _locked, ("concurrency", "workers"): _raced, ("crash", "kill"): _died,
    ("due_sweep", "contracts"): _swept, ("numbering", "finalized"): _numbered,
    ("concurrency", "payments"): _paid_at_once,
    ("double_charge", "deliveries"): _delivered, ("idempotency_key", "rows"): _keyed,
}
_NOT_HERE = {"webhook": "ispbill receives no webhooks: it is connected to no payment gateway"}
