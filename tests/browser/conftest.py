"""A Chromium, a live server, a worker, and a company of its own for each test. The clock is the real one.

Without a Chromium these tests are skipped on a developer's machine and fail where CI is set.
"""
from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import make_server

from ispbill.app import create_app
from ispbill.config import Settings
from ispbill.core.current import TenantRef
from ispbill.embedded.home import free_port
from ispbill.platform import service as platform
from ispbill.tenancy.provisioning import NewTenant
from ispbill.web.requests import IspbillFlask
from ispbill.web.serving import outermost
from tests.browser.visiting import DESKTOP, OWNER, PASSWORD, Visitor

_numbers = itertools.count(1)
# How long something may take to appear, in milliseconds: machines that test are busy.
_PATIENCE = 20_000
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running Chromium."""
    if not Path(CHROMIUM).exists():
        reason = "there is no Chromium on this machine (on Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live_settings(settings: Settings) -> Settings:
    """The settings of the live server: names under localhost, which every browser finds without a name server."""
    return replace(settings, domain="localhost", port=free_port())


@pytest.fixture(scope="session")
def live_app(live_settings: Settings) -> Iterator[IspbillFlask]:
    """The application, served by threads of this process."""
    application = create_app(live_settings)
    server = make_server("127.0.0.1", live_settings.port, outermost(application), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield application
    server.shutdown()
    thread.join()


@pytest.fixture
def company(live_app: IspbillFlask) -> Iterator[TenantRef]:
    """A Philippine company with an owner, open now, and an application context to call verbs in."""
    with live_app.app_context():
        yield platform.open_company(
            NewTenant(name="Browser Fibre", subdomain=f"browser-{next(_numbers)}", owner_email=OWNER,
                      timezone="Asia/Manila", currency="PHP"),
            password=PASSWORD,
        ).tenant


@pytest.fixture
def visit(chromium: Browser, company: TenantRef, live_settings: Settings) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser at the company's site: `visit(viewport=PHONE)`. At the end no page may have complained."""
    visitors: list[Visitor] = []

    def open_browser(**options: object) -> Visitor:
        wanted = {"viewport": DESKTOP, "reduced_motion": "reduce", **options}
        context = chromium.new_context(**wanted)  # type: ignore[arg-type]
        visitors.append(Visitor(context, live_settings.tenant_url(company.subdomain)))
        return visitors[-1]

    yield open_browser
    for visitor in visitors:
        visitor.page.context.close()


@pytest.fixture
def worker(live_settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker in a process of its own, for one test: other tests look into the same queue themselves."""
    environment = {
        **os.environ, "ISPBILL_DATABASE_URL": live_settings.admin_url, "ISPBILL_REDIS_URL": live_settings.redis_url,
        "ISPBILL_DOMAIN": live_settings.domain,
    }
    command = [sys.executable, "-c", "from ispbill.cli import main; main()", "worker"]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    yield process
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
