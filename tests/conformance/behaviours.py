"""Cases of behaviour: each is proven by a test of the suite, which is run here and must pass."""
from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.conformance.cases import CannotExpress, Case

_ROOT = Path(__file__).resolve().parents[2]
_RUNS, _CHAOS, _KEYS = "tests/billing/test_runs.py", "tests/chaos/test_billing.py", "tests/api/test_idempotency.py"
_KILLED = f"{_CHAOS}::test_a_worker_killed_in_the_middle_leaves_whole_chunks_and_the_next_sweep_completes_the_run"
# What engines call the outcome, each in words of its own.
_WORDS = {"result", "final_status"}


class Proof(NamedTuple):
    """What of a case's kind is proven, with which figures, and the test that proves it."""

    category: str
    proven: Callable[[Case], Mapping[str, Any]]
    test: str


_PROOFS = (
    Proof("idempotency", lambda case: {"new_invoices_second_run": 0},
          "tests/jobs/test_draining.py::test_a_second_drain_of_the_same_day_adds_nothing"),
    Proof("idempotency", lambda case: {"account": "PARKED", "new_items": 0},
          f"{_RUNS}::test_the_database_itself_refuses_to_bill_a_period_twice"),
    Proof("idempotency", lambda case: {},
          f"{_RUNS}::test_a_customer_that_cannot_be_billed_is_parked_with_the_reason_and_all_others_are_billed"),
    Proof("concurrency", lambda case: {"invoices": 1, "errors": 0}, f"{_CHAOS}::test_two_runs_at_once_bill_once"),
    Proof("concurrency", lambda case: {"invoices": 0, "requeued": True},
          f"{_RUNS}::test_a_chunk_that_another_worker_holds_is_left_alone_and_billed_by_the_next_run"),
    Proof("crash", lambda case: {"invoices": 1}, _KILLED),
    Proof("due_sweep", lambda case: {"invoices_after_retry": case.find("contracts")}, _KILLED),
    Proof("numbering", lambda case: {"numbers": list(range(1, int(case.find("finalized", default=0)) + 1))},
          "tests/scenarios/test_pains_of_bills.py"
          "::test_pain_6_invoice_numbers_have_no_gap_and_no_repetition_whatever_fails"),
    Proof("double_charge", lambda case: {"transactions": 1},
          "tests/billing/test_payments.py::test_the_same_click_twice_records_one_payment"),
    Proof("idempotency_key", lambda case: {"rows": ["replay", "409/400 error"]}, _KEYS),
)
_NOT_HERE = {"webhook": "ispbill receives no webhooks: it is connected to no payment gateway"}


def answers(case: Case) -> dict[str, Any]:
    """What the test that proves the case proves. Raises CannotExpress where there is none, AssertionError where the
    test does not pass.
    """
    words = {name: value for name, value in case.expected.items() if name in _WORDS}
    asked = case.expected.keys() - words.keys()
    for proof in _PROOFS:
        proven = proof.proven(case)
        if case.category == proof.category and asked == proven.keys():
            assert _passes(proof.test), f"{proof.test} does not pass"
            return {**proven, **words}
    unproven = f"no test here proves {case.category}: {', '.join(case.expected)}"
    raise CannotExpress(_NOT_HERE.get(case.category, unproven))


@cache
def _passes(test: str) -> bool:
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    return subprocess.run(run, cwd=_ROOT, capture_output=True, check=False).returncode == 0
