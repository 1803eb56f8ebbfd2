"""Commands called as the console script calls them, in this process and on this test's database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.cli import ScriptInfo

from ispbill.cli import group
from ispbill.web.requests import IspbillFlask


@dataclass(frozen=True)
class CommandLine:
    """Calls commands; `json` gives what one printed with --json."""

    app: IspbillFlask

    def __call__(self, *words: str, stdin: str | None = None) -> Result:
        info = ScriptInfo(create_app=lambda: self.app)
        result = CliRunner().invoke(group, list(words), input=stdin, obj=info, prog_name="ispbill")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def json(self, *words: str, code: int = 0) -> Any:
        result = self(*words, "--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)


@pytest.fixture
def ispbill(app: IspbillFlask, context: None) -> CommandLine:
    """The command line."""
    return CommandLine(app)
