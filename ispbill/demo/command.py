"""`ispbill demo`: one command from an empty home to two served companies, and back to nothing on Ctrl-C.

Rule: whatever goes wrong is one sentence with exit code 1, and no process stays behind.
"""
from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg
from sqlalchemy.exc import DBAPIError

from ispbill.app import create_app
from ispbill.cli.commands import OperatorCommand
from ispbill.config import Settings, load
from ispbill.core.current import current
from ispbill.core.errors import Conflict
from ispbill.core.logs import Line
from ispbill.demo import playing, scripts, serving, stage
from ispbill.demo.stage import Wish
from ispbill.demo.telling import Teller
from ispbill.embedded import services
from ispbill.embedded.home import Home
from ispbill.tenancy import installing, migrating

_OURS = ("ISPBILL_DATABASE_URL", "ISPBILL_REDIS_URL")
_STOPPED = 130


@dataclass(frozen=True, slots=True)
class Options:
    """What stands on the command line."""

    wish: Wish
    fresh: bool
    port: int | None


@click.command("demo", cls=OperatorCommand)
@click.option("--customers", type=click.Path(path_type=Path), metavar="FILE",
              help="Subscribers of the US operator, as a CSV file in the telco layout.")
@click.option("--fresh", is_flag=True, help="Forget the demo of this home and start over.")
@click.option("--port", type=click.IntRange(1, 65535),
              help="Serve here; without it, on the first free port from 8000 on.")
@click.option("--months", type=int, help=f"How many past months to play ({stage.DEFAULT_MONTHS}).")
def demo(customers: Path | None, fresh: bool, port: int | None, months: int | None) -> None:
    """Two providers with months of billing behind them, served on this machine until Ctrl-C.

    Sets up what is missing, then starts the web server, the worker and the scheduler. A second start takes
    seconds and changes nothing.
    """
    sys.exit(run(Options(Wish(months=months, customers=customers), fresh, port), environment=os.environ))


def run(options: Options, *, environment: Mapping[str, str]) -> int:
    """Play what is to be played and serve until stopped; returns the exit code."""
    teller = Teller()
    try:
        _end_on_signals()
        home = Home.at(environment.get("ISPBILL_HOME") or "var")
        _log_to_file(home)
        with _alone(home), _servers(home):
            _serve(_prepared(options, home, environment, teller), home, teller)
    except KeyboardInterrupt:
        teller.say("Stopped.")
        return _STOPPED
    except (OSError, DBAPIError, psycopg.Error) as error:
        sentence = _explained(error)
        if sentence is None:
            raise
        return teller.complain(sentence)
    return 0


def _prepared(
    options: Options, home: Home, environment: Mapping[str, str], teller: Teller
) -> dict[str, str]:
    """Everything that comes before serving; returns the environment of the servers."""
    port = serving.choose_port(options.port)
    if options.fresh:
        _start_over(home, environment)
    teller.say("Looking for PostgreSQL and Redis, and starting what is not given …")
    urls = services.ensure(home.path)
    ours = {
        "ISPBILL_HOME": str(home.path), "ISPBILL_DATABASE_URL": urls.database_url, "ISPBILL_REDIS_URL": urls.redis_url,
        "ISPBILL_DOMAIN": "localhost", "ISPBILL_SCHEME": "http", "ISPBILL_PORT": str(port), "ISPBILL_DEMO": "1",
    }
    # The people of the demo are made up: nobody may be sent anything.
    known = {name: value for name, value in environment.items() if name != "ISPBILL_SMTP_URL"}
    prepared = {**known, **ours}
    _play(load(prepared), options.wish, home, teller)
    return prepared


def _play(settings: Settings, wish: Wish, home: Home, teller: Teller) -> None:
    if not installing.is_installed(settings):
        teller.say("Preparing the database …")
        installing.prepare_database(settings)
    app = create_app(settings)
    with app.app_context():
        chosen = _stage(home, wish)
        migrating.migrate()
        with teller.steps() as begin:
            for script in scripts.companies():
                playing.play(script, chosen, password=stage.password(home), begin=begin)


def _stage(home: Home, wish: Wish) -> stage.Stage:
    known = stage.kept(home) if any(map(playing.is_begun, scripts.companies())) else None
    if known is None:
        return stage.begin(home, wish, now=current.now())
    stage.check_wish(known, wish)
    return known


def _serve(environment: dict[str, str], home: Home, teller: Teller) -> None:
    settings = load(environment)
    teller.say("Starting the web server, the worker and the scheduler …")
    with serving.serving(settings.port, environment=environment, logs=home.logs) as children:
        teller.welcome(
            [(script, settings.tenant_url(script.subdomain)) for script in scripts.companies()],
            password=stage.password(home), logs=str(home.logs),
        )
        serving.watch(children)


def _start_over(home: Home, environment: Mapping[str, str]) -> None:
    if any(environment.get(name) for name in _OURS):
        raise Conflict("--fresh deletes the embedded servers only; empty a database of your own yourself.")
    services.erase(home.path)
    stage.forget(home)


def _log_to_file(home: Home) -> None:
    """What libraries have to say belongs into a file: the person at the keyboard is told in sentences."""
    logging.raiseExceptions = False
    file = logging.FileHandler(home.logs / "demo.log")
    file.setFormatter(Line())
    logging.basicConfig(handlers=[file])


def _end_on_signals() -> None:
    """Ctrl-C, a polite kill and a closed terminal end the demo. Only the first counts: cleaning up is not disturbed."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)

    def end(number: int, frame: object) -> None:
        for every in numbers:
            signal.signal(every, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, end)


@contextlib.contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Let one demo at a time into a home. Raises Conflict for the second."""
    with (home.path / "demo.lock").open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"The demo of {home.path} is running already; stop it first, or set ISPBILL_HOME.") from None
        yield


@contextlib.contextmanager
def _servers(home: Home) -> Iterator[None]:
    """The embedded servers end with the block, whoever started them."""
    try:
        yield
    finally:
        services.stop(home.path)


def _explained(error: Exception) -> str | None:
    """A sentence for a full disk or a folder of somebody else's; None for anything that is explained elsewhere."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, psycopg.errors.DiskFull) or getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free some space and start again; it goes on where it stopped."
    if isinstance(cause, PermissionError):
        return f"This user may not use {cause.filename}: set ISPBILL_HOME to a folder of your own."
    return None
