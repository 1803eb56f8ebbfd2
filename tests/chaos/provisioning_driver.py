"""Opens a company and kills itself with SIGKILL at one point on the way. The product knows nothing of it.

A program that reads lines: point, name and subdomain, with tabs between. A point is `before` or `after` and a
place, such as `before:schema`: the driver stands a suicide in that place of the product, in a child process only.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from ispbill.app import create_app
from ispbill.company import service as company
from ispbill.config import load
from ispbill.core.unit_of_work import db
from ispbill.platform import service as platform
from ispbill.tenancy import provisioning
from ispbill.tenancy.provisioning import NewTenant

# Where a crash can come between two things that are each done or not done.
PLACES: dict[str, tuple[Any, str]] = {
    "reservation": (provisioning, "reserve"),
    "schema": (provisioning, "_give_birth"),
    "registration": (provisioning, "build_schema"),
    "identity": (company, "adopt"),
    "owner": (platform.users, "register_owner"),
    "company": (platform, "_set_up"),
    "opening": (platform, "_open"),
}
POINTS = [f"{when}:{place}" for place in PLACES for when in ("before", "after")] + [
    "during:schema",
    "before:commit",
]


def die(*_arguments: Any, **_more: Any) -> None:
    """End at once, with nothing said and nothing tidied."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, never reached."""
    return die


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, and then the end."""

    def wrapped(*arguments: Any, **more: Any) -> None:
        function(*arguments, **more)
        die()

    return wrapped


def plant(point: str) -> None:
    """Stand the suicide in its place."""
    when, _, place = point.partition(":")
    if point == "before:commit":
        # Everything of the company is written, and nothing of it committed.
        db.session.commit = die  # type: ignore[method-assign]
    elif point == "during:schema":
        script = provisioning.birth_script
        provisioning.birth_script = lambda *arguments: with_a_pause(script(*arguments))
    else:
        module, name = PLACES[place]
        wrap = before if when == "before" else after
        setattr(module, name, wrap(getattr(module, name)))


def with_a_pause(script: str) -> str:
    """The script with a pause in its middle, in which the caller dies; the server goes on without it."""
    whole = script.index("\n\n", len(script) // 2)
    signal.signal(signal.SIGALRM, die)
    signal.setitimer(signal.ITIMER_REAL, 0.7)
    return f"{script[:whole]} SELECT pg_sleep(1.5); {script[whole:]}"


def open_and_die(point: str, name: str, subdomain: str) -> None:
    """Open the company; does not return."""
    plant(point)
    with create_app(load()).app_context():
        platform.open_company(NewTenant(name, subdomain, "ana@example.com", "Asia/Manila", "PHP"))
    os._exit(0)


def serve() -> None:
    """For each line (point, name, subdomain) a process of its own; answers with how it ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            open_and_die(*line.rstrip("\n").split("\t"))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
