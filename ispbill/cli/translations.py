"""`ispbill translations`: what translators need."""
from __future__ import annotations

import click
from flask.cli import with_appcontext

from ispbill.cli.commands import OperatorGroup
from ispbill.translations import catalogues


@click.group(cls=OperatorGroup)
def translations() -> None:
    """Make and bring up to date what translators work with."""


@translations.command()
@with_appcontext
def extract() -> None:
    """Write the template of all messages."""
    click.echo(f"{catalogues.write_template():,} messages in {catalogues.TEMPLATE.name}.")


@translations.command()
@click.argument("language")
@with_appcontext
def update(language: str) -> None:
    """Begin the catalogue of a LANGUAGE such as fil, or bring into it what is new."""
    click.echo(str(catalogues.update(language)))


@translations.command(name="compile")
def compile_() -> None:
    """Make of each catalogue the file that the program reads."""
    click.echo(f"Compiled: {', '.join(catalogues.compile_all()) or 'no language yet'}.")
