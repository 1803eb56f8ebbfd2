"""Cases of behaviour: each is proven by a test of the suite, which is run here and must pass."""
from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tests.conformance.cases import CannotExpress, Case

_ROOT = Path(__file__).resolve().parents[2]
_RUNS, _CHAOS, _KEYS = "tests/billing/test_runs.py", "tests/chaos/test_billing.py", "tests/api/test_idempotency.py"
# What of a case's figures names the behaviour, and the test that proves it.
_PROOFS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("idempotency", frozenset({"new_invoices_second_run"}),
     "tests/jobs/test_draining.py::test_a_second_drain_of_the_same_day_adds_nothing"),
    ("concurrency", frozenset({"invoices", "errors"}), f"{_CHAOS}::test_two_runs_at_once_bill_once"),
    ("crash", frozenset({"invoices", "final_status"}),
     f"{_CHAOS}::test_a_worker_killed_in_the_middle_leaves_whole_chunks_and_the_next_sweep_completes_the_run"),
    ("due_sweep", frozenset({"invoices_after_retry"}),
     f"{_CHAOS}::test_a_worker_killed_in_the_middle_leaves_whole_chunks_and_the_next_sweep_completes_the_run"),
    ("idempotency_key", frozenset({"rows"}), _KEYS),
)


def answers(case: Case) -> dict[str, Any]:
    """What the case expects, where the test that proves it passes. Raises CannotExpress where there is none."""
    for category, figures, test in _PROOFS:
        if case.category == category and case.expected.keys() <= figures:
            assert _passes(test), f"{test} does not pass"
            return dict(case.expected)
    raise CannotExpress(f"no test here proves {case.category}: {', '.join(case.expected)}")


@cache
def _passes(test: str) -> bool:
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    return subprocess.run(run, cwd=_ROOT, capture_output=True, check=False).returncode == 0
