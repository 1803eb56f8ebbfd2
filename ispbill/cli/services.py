"""`ispbill services`: the embedded PostgreSQL and Valkey of the home folder."""
from __future__ import annotations

from dataclasses import asdict

import click

from ispbill.cli import surroundings
from ispbill.cli.commands import OperatorGroup
from ispbill.cli.printing import answer, json_option, table
from ispbill.embedded import services as embedded


@click.group(cls=OperatorGroup)
def services() -> None:
    """Start, stop and look at the embedded servers of ISPBILL_HOME."""


@services.command()
@json_option
def start() -> None:
    """Start what does not run. Servers that the environment names are somebody else's."""
    embedded.ensure(surroundings.home())
    _show()


@services.command()
@json_option
def stop() -> None:
    """Stop both."""
    stopped = embedded.stop(surroundings.home())
    answer({"stopped": stopped}, "The servers are stopped." if stopped else "No server was running.")


@services.command()
@json_option
def status() -> None:
    """Say which of them runs, where, and since when."""
    _show()


def _show() -> None:
    states = embedded.status(surroundings.home())
    rows = [
        [state.name, "running" if state.running else "stopped", state.port, state.pid,
         f"{state.since:%Y-%m-%d %H:%M} UTC" if state.since else None]
        for state in states
    ]
    answer([asdict(state) for state in states], table(["SERVER", "STATE", "PORT", "PROCESS", "SINCE"], rows))
