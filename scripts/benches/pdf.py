"""Invoices as PDF files, one after the other in one process: read and set, against setting a page of plain text;
and all of them in one file for the printer.

A worker does it so when bills are sent, or printed; every core can run one.
"""
from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence

import billing
import typst
from workshop import workshop

from ispbill.billing.documents import policy, queries, rendering
from ispbill.billing.runs import jobs
from ispbill.core.current import at
from ispbill.core.unit_of_work import unit_of_work

BATCH = 100
PLAIN = b'#set page("a4")\n#lorem(120)'


def main(argv: list[str]) -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(prog="bench pdf", description=__doc__)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print only JSON (it always does)")
    asked = parser.parse_args(argv)
    with workshop() as place, at(billing.NOON), billing.filled(place, "pdf", asked.documents) as connection:
        jobs.bill_now(billing.DAY)
        connection.execute("ANALYZE")
        keys = [key for (key,) in connection.execute("SELECT id FROM invoices ORDER BY id").fetchall()]
        (first,) = _documents(keys[:1])
        rounds = [(_rate(keys), _plain_rate(len(keys))) for _ in range(asked.rounds)]
        bundles = [_bundle(keys) for _ in range(asked.rounds)]
    print(json.dumps({
        "bench": "pdf", "documents": len(keys), "bytes": len(first),
        "per_s": round(statistics.median(rate for rate, _ in rounds), 1),
        "plain_per_s": round(statistics.median(plain for _, plain in rounds), 1),
        "ratio": round(statistics.median(rate / plain for rate, plain in rounds), 3), "rounds": asked.rounds,
        "bundle_per_s": round(statistics.median(rate for rate, _ in bundles), 1), "bundle_bytes": bundles[0][1],
    }), flush=True)


def _rate(keys: list[int]) -> float:
    started = time.perf_counter()
    for place in range(0, len(keys), BATCH):
        assert all(made.startswith(b"%PDF") for made in _documents(keys[place:place + BATCH]))
    return len(keys) / (time.perf_counter() - started)


def _bundle(keys: list[int]) -> tuple[float, int]:
    """How many documents a second go into one file, and its size."""
    started = time.perf_counter()
    made = rendering.bundle("invoice", _words(keys), title="bench", on=billing.DAY)
    assert made.page_count >= len(keys) and not made.left_out
    return len(keys) / (time.perf_counter() - started), len(made.content)


def _documents(keys: Sequence[int]) -> list[bytes]:
    return [rendering.pdf("invoice", each, on=billing.DAY) for each in _words(keys)]


def _words(keys: Sequence[int]) -> list[rendering.Words]:
    with unit_of_work():
        return [policy.invoice_words(paper) for paper in queries.invoice_papers(keys)]


def _plain_rate(count: int) -> float:
    compiler = typst.Compiler()
    started = time.perf_counter()
    for _ in range(count):
        compiler.compile(PLAIN, format="pdf")
    return count / (time.perf_counter() - started)
