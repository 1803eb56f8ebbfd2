"""Both embedded servers of one home together; what the command line, the demo and the tests call.

Rule: where ISPBILL_DATABASE_URL or ISPBILL_REDIS_URL names a server of somebody else's, none is started here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ispbill.embedded.home import Home
from ispbill.embedded.postgres import Postgres
from ispbill.embedded.process import ServerStatus
from ispbill.embedded.valkey import Valkey


@dataclass(frozen=True)
class ServiceUrls:
    """How to reach the two servers; the database URL is the administrator's."""

    database_url: str
    redis_url: str


def ensure(home: Path | str, *, fast: bool = False) -> ServiceUrls:
    """Start what does not run yet and return the URLs; the servers outlive this process.

    The home's secret key is made as well, where it is missing.
    `fast` gives up durability and is for tests only. Raises EmbeddedError with a sentence for the user.
    """
    place = Home.at(home)
    place.secret_key()
    return ServiceUrls(
        database_url=os.environ.get("ISPBILL_DATABASE_URL") or Postgres(place).ensure(fast=fast),
        redis_url=os.environ.get("ISPBILL_REDIS_URL") or Valkey(place).ensure(),
    )


def stop(home: Path) -> bool:
    """Stop both servers of this home; False when neither ran."""
    place = Home.at(home)
    stopped = [Valkey(place).stop(), Postgres(place).stop()]
    return any(stopped)


def status(home: Path) -> list[ServerStatus]:
    """The state of both servers: process id, port, since when (UTC), folder."""
    place = Home.at(home)
    return [Postgres(place).status(), Valkey(place).status()]


def erase(home: Path) -> None:
    """Stop both servers and delete their data for ever; secrets and logs stay."""
    place = Home.at(home)
    Valkey(place).erase()
    Postgres(place).erase()


@contextlib.contextmanager
def running(home: Path, *, fast: bool = False) -> Iterator[ServiceUrls]:
    """Both servers for the length of a `with` block; those that ran before it keep running after it."""
    place = Home.at(home)
    before = {state.name for state in status(home) if state.running}
    try:
        yield ensure(home, fast=fast)
    finally:
        for server in (Valkey(place), Postgres(place)):
            if server.daemon.name not in before:
                server.stop()
