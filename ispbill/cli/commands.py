"""The frame of every command: who acts, and what becomes of a refusal.

Exit codes: 0 done, 1 refused or something found, 2 called wrongly. A refusal is one sentence, never a traceback.
"""
from __future__ import annotations

from pkgutil import resolve_name
from typing import Any

import click
import psycopg
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from ispbill.cli import printing, surroundings
from ispbill.config import ConfigError
from ispbill.core.current import acting_as
from ispbill.core.errors import DomainError, RegistryUnavailable
from ispbill.embedded.home import EmbeddedError
from ispbill.web import constraints


class OperatorCommand(click.Command):
    """A command that acts as the operator and ends a refusal with exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        try:
            with acting_as(surroundings.operator()):
                return super().invoke(ctx)
        except DomainError as error:
            refusal = error
        except (ConfigError, EmbeddedError) as error:
            refusal = DomainError(str(error))
        except (psycopg.OperationalError, DBAPIError, RedisError) as error:
            refusal = _explained(error)
        printing.complain(refusal)
        return ctx.exit(1)


class OperatorGroup(click.Group):
    """A group of such commands; some are found only when they are asked for."""

    command_class = OperatorCommand
    group_class = type

    def __init__(self, *arguments: Any, elsewhere: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._elsewhere = elsewhere or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted({*super().list_commands(ctx), *self._elsewhere})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name. One that stands in a higher layer is named by its place, not imported."""
        if cmd_name in self._elsewhere:
            found: click.Command = resolve_name(self._elsewhere[cmd_name])
            return found
        return super().get_command(ctx, cmd_name)


def _explained(error: Exception) -> DomainError:
    """What a server's refusal means: a broken rule, or that it does not answer. All else is a fault."""
    if isinstance(error, DBAPIError):
        known = constraints.explain(error)
        if known is not None:
            return known
        if not isinstance(error.orig, psycopg.OperationalError):
            raise error
    cause = str(getattr(error, "orig", error)).strip().splitlines()
    return RegistryUnavailable(f"A server does not answer: {cause[0] if cause else type(error).__name__}.")
