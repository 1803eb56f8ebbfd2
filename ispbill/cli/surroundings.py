"""What a command stands on: settings, embedded servers where none are named, the application, who calls it.

Nothing starts before a command needs it: --help works on a machine where nothing runs.
"""
from __future__ import annotations

import getpass
import os
from pathlib import Path

from flask import Flask
from flask.cli import ScriptInfo

from ispbill.app import create_app
from ispbill.config import Settings, load
from ispbill.core.current import Actor
from ispbill.embedded import services
from ispbill.tenancy import installing


def home() -> Path:
    """The folder of embedded data, logs and secrets."""
    return Path(os.environ.get("ISPBILL_HOME", "var"))


def settings() -> Settings:
    """The settings, after starting the servers of the home folder that the environment does not name."""
    urls = services.ensure(home())
    return load({
        **os.environ, "ISPBILL_DATABASE_URL": urls.database_url, "ISPBILL_REDIS_URL": urls.redis_url,
    })


def application() -> Flask:
    """The application over an installed database."""
    chosen = settings()
    if not installing.is_installed(chosen):
        installing.prepare_database(chosen)
    return create_app(chosen)


def script_info() -> ScriptInfo:
    """How Flask's commands find the application."""
    return ScriptInfo(create_app=application, set_debug_flag=False)


def operator() -> Actor:
    """Whoever is logged in on this machine, with every right: commands are for the platform's operator."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Actor(kind="system", name=f"operator {name}", is_owner=True)
