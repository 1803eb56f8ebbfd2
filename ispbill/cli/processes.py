"""`ispbill web`, `worker` and `scheduler`: the three processes of an installation, in the foreground."""
from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from gunicorn.app.base import BaseApplication

from ispbill import config, schedule
from ispbill.cli.commands import OperatorGroup
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.embedded.home import is_free
from ispbill.jobs import scheduler as scheduling
from ispbill.jobs import worker as working
from ispbill.web.serving import outermost

THREADS = 8
MOST_PROCESSES = 4
# A process is renewed now and then: what a backend remembers of many schemas goes with its connections.
REQUESTS_PER_PROCESS = 20_000


@click.command(cls=OperatorGroup.command_class)
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Where to listen; ISPBILL_PORT if not given.")
@click.option("--host", default="127.0.0.1", show_default=True, envvar="ISPBILL_HOST", metavar="ADDRESS",
              help="The address to listen on; 0.0.0.0 is all.")
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help="Processes; one per core, at most 4.")
@with_appcontext
def web(port: int | None, host: str, workers: int | None) -> None:
    """Serve all tenants' pages and API."""
    settings = config.settings()
    chosen = port or settings.port
    if not is_free(chosen):
        raise Conflict(f"Port {chosen} is taken; choose another with --port.")
    if "ISPBILL_PORT" not in os.environ:
        current_app.config["ISPBILL"] = replace(settings, port=chosen)
    processes = workers or min(os.cpu_count() or 1, MOST_PROCESSES)
    _Server(_application(), {
        "bind": f"{host}:{chosen}", "workers": processes, "threads": THREADS, "worker_class": "gthread",
        "max_requests": REQUESTS_PER_PROCESS, "max_requests_jitter": REQUESTS_PER_PROCESS // 10,
        "graceful_timeout": 30, "timeout": 120, "post_fork": _forget_connections, "errorlog": "-",
        "control_socket_disable": True,
    }).run()


@click.command(cls=OperatorGroup.command_class)
@click.option("--burst", is_flag=True, help="End when the queue is empty.")
@with_appcontext
def worker(burst: bool) -> None:
    """Do what is queued, one job after the other."""
    working.work(_application(), burst=burst)


@click.command(cls=OperatorGroup.command_class)
@with_appcontext
def scheduler() -> None:
    """Queue what happens by itself, each entry when its time comes."""
    scheduling.run(_application(), schedule.ENTRIES)


def _application() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


class _Server(BaseApplication):
    """Gunicorn over an application that exists; it is loaded once and shared by the processes."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return outermost(self._app)


def _forget_connections(server: Any, worker: Any) -> None:
    """A connection opened before the fork belongs to the parent."""
    app: Flask = server.app._app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
