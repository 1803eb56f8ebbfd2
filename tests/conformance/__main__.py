"""Plays a file of published billing cases through the engine. Exit code 0: none failed; 1: some did; 2: usage."""
from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.conformance.cases import load
from tests.conformance.playing import Verdict, play_all, playhouse


def main(arguments: list[str]) -> int:
    """Play every case of the file that is named and print what came of each."""
    parser = argparse.ArgumentParser(prog="scripts/conformance", description=__doc__)
    parser.add_argument("file", type=Path, help="cases in the shape of billing_cases.json")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    parser.add_argument("--case", action="append", default=[], help="only this case; may be given more than once")
    asked = parser.parse_args(arguments)
    try:
        cases = [case for case in load(asked.file) if not asked.case or case.id in asked.case]
    except ValueError as error:
        parser.error(str(error))
    with playhouse():
        verdicts = [_told(verdict, quiet=asked.json) for verdict in play_all(cases)]
    totals = {result: sum(verdict.result == result for verdict in verdicts)
              for result in ("pass", "fail", "not_applicable")}
    if asked.json:
        print(json.dumps({"totals": totals, "cases": [asdict(verdict) for verdict in verdicts]}, ensure_ascii=False))
    else:
        print(", ".join(f"{count} {result}" for result, count in totals.items()))
    return 1 if totals["fail"] else 0


def _told(verdict: Verdict, *, quiet: bool) -> Verdict:
    if not quiet:
        print(f"{verdict.id:<8}{verdict.result:<16}{verdict.reason}")
    return verdict


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
