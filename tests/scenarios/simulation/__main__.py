"""The simulator by hand: servers of its own, so many steps, and what they came to; the last line is one JSON object."""
from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ispbill.app import create_app
from ispbill.config import load
from ispbill.embedded import services
from ispbill.tenancy import installing
from tests.scenarios.simulation.companies import open_companies
from tests.scenarios.simulation.timeline import Broken, Timeline


def main(argv: list[str]) -> int:
    """Play a timeline; 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--tenants", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print only the JSON object")
    arguments = parser.parse_args(argv)
    started, failure = time.monotonic(), None
    with _application():
        timeline = Timeline(arguments.seed, open_companies(arguments.tenants))
        if not arguments.json:
            print(f"seed {arguments.seed}", flush=True)
        try:
            timeline.play(arguments.steps, progress=lambda step: _progress(step, arguments))
        except Broken as broken:
            failure = str(broken)
    print(json.dumps(_figures(timeline, arguments, failure, round(time.monotonic() - started, 1))), flush=True)
    return 1 if failure else 0


def _progress(step: int, arguments: argparse.Namespace) -> None:
    if step % 50 == 0 and not arguments.json:
        print(f"step {step} of {arguments.steps}", flush=True)


def _figures(
    timeline: Timeline, arguments: argparse.Namespace, failure: str | None, seconds: float
) -> dict[str, object]:
    moves: dict[str, dict[str, int]] = defaultdict(dict)
    for (name, outcome), count in sorted(timeline.counts.items()):
        moves[name][outcome] = count
    replay = f"./scripts/simulate --seed {arguments.seed} --steps {timeline.step} --tenants {arguments.tenants}"
    return {
        "seed": arguments.seed, "steps": timeline.step, "tenants": arguments.tenants, "moves": moves,
        "failure": failure, "replay": replay, "seconds": seconds,
    }


@contextmanager
def _application() -> Iterator[None]:
    home = Path(tempfile.mkdtemp(prefix="ispbill-simulation-"))
    try:
        urls = services.ensure(home, fast=True)
        settings = load({**os.environ, "ISPBILL_HOME": str(home), "ISPBILL_DATABASE_URL": urls.database_url,
                         "ISPBILL_REDIS_URL": urls.redis_url, "ISPBILL_TESTING": "1"})
        installing.prepare_database(settings)
        with create_app(settings).app_context():
            yield
    finally:
        services.stop(home)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
