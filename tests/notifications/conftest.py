"""A real SMTP server, and an application that hands its mail to it."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask


@dataclass
class Mailbox:
    """What the server took, and how it answers."""

    letters: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 taken"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (the library's name)
        """Keep the letter unless the server is told to refuse."""
        if self.answer.startswith("250"):
            letter = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return self.answer


class AnyPort(Controller):
    """A server on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    """A mail server for one test, set up in the application."""
    box = Mailbox()
    controller = AnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    settings = app.config["ISPBILL"]
    url = f"smtp://127.0.0.1:{controller.port}?from=office@isp.test"
    app.config["ISPBILL"] = replace(settings, smtp_url=url)
    yield box
    app.config["ISPBILL"] = settings
    controller.stop()
