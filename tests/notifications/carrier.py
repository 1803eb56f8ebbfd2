"""A small provider of text messages that speaks Twilio's Messages API, signatures included."""
from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from flask import Flask
from werkzeug.test import TestResponse

from ispbill.notifications.texting.policy import signature

SID, TOKEN = f"AC{'a' * 32}", "a-token-of-the-console"


@dataclass
class Carrier:
    """What the provider took, and how it answers."""

    url: str = ""
    texts: list[dict[str, str]] = field(default_factory=list)
    refusal: tuple[int, dict[str, Any]] | None = None

    def report(self, app: Flask, index: int, status: str, *, token: str = TOKEN, **more: str) -> TestResponse:
        """Tell the company what became of a text, signed as the provider signs."""
        address = self.texts[index]["StatusCallback"]
        values = {"MessageSid": f"SM{index}", "MessageStatus": status, "AccountSid": SID, **more}
        with app.app_context():
            return app.test_client().post(address, data=values,
                                          headers={"X-Twilio-Signature": signature(address, values, token=token)})


@contextmanager
def open_carrier() -> Iterator[Carrier]:
    """A provider that listens on this machine."""
    carrier = Carrier()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 (the library's name)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            known = base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
            if self.headers["Authorization"] != f"Basic {known}":
                self._say(401, {"code": 20003, "message": "Authenticate", "status": 401})
            elif carrier.refusal:
                self._say(*carrier.refusal)
            else:
                told = {name: values[0] for name, values in parse_qs(body).items()}
                carrier.texts.append({"path": self.path, **told})
                self._say(201, {"sid": f"SM{len(carrier.texts) - 1}", "status": "queued", "num_segments": "1"})

        def _say(self, status: int, told: dict[str, Any]) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *told: Any) -> None:
            """Say nothing: the test's own output matters."""

    server = HTTPServer(("127.0.0.1", 0), Desk)
    carrier.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield carrier
    server.shutdown()
    thread.join()
