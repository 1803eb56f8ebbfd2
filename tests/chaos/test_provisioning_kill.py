"""kill -9 at each step of opening a company: it is never served half-made, and the same call finishes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ispbill.accounts.models import User
from ispbill.company.models import CompanyIdentity
from ispbill.config import PROJECT_ROOT, Settings
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import db, platform_transaction
from ispbill.core.unit_of_work import unit_of_work
from ispbill.platform import queries
from ispbill.platform import service as platform
from ispbill.tenancy import catalog, provisioning, registry
from ispbill.tenancy.models import Tenant
from ispbill.tenancy.owner import owner_connection
from ispbill.tenancy.provisioning import NewTenant
from ispbill.tenancy.verification import verify
from ispbill.web.requests import IspbillFlask
from tests.chaos.provisioning_driver import POINTS
from tests.make.tenants import a_new_company

pytestmark = pytest.mark.chaos
DRIVER = Path(__file__).with_name("provisioning_driver.py")
# From here on the registry has opened the company; the caller just never heard of it.
SERVED_AFTER = {"after:opening"}


@pytest.fixture
def new(context: None) -> NewTenant:
    """A company that is not there yet."""
    made = a_new_company()
    return NewTenant(made.name, made.subdomain, "ana@example.com", "Asia/Manila", "PHP")


@pytest.fixture
def spare(context: None) -> Iterator[TenantRef]:
    """A spare that waits, and is claimed by whoever comes first."""
    yield provisioning.make_spare()


@pytest.fixture(scope="module")
def driver(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """The program whose children open companies and die."""
    environment = os.environ | {
        "ISPBILL_DATABASE_URL": settings.admin_url, "ISPBILL_REDIS_URL": settings.redis_url,
        "ISPBILL_DOMAIN": settings.domain, "PYTHONPATH": str(PROJECT_ROOT),
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, str(DRIVER)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        yield process
        assert process.stdin
        process.stdin.close()


def kill_at(point: str, new: NewTenant, driver: subprocess.Popen[str]) -> None:
    """Open the company in another process, which kills itself at the point."""
    assert driver.stdin and driver.stdout
    driver.stdin.write(f"{point}\t{new.name}\t{new.subdomain}\n")
    driver.stdin.flush()
    assert driver.stdout.readline() == f"{-signal.SIGKILL}\n"


def check_not_half_made(point: str, new: NewTenant, app: IspbillFlask) -> None:
    """Nobody is shown a company that is not finished, and no schema stands without a row in the registry."""
    registry.forget()
    status = app.test_client().get("/login", base_url=f"http://{new.subdomain}.isp.test").status_code
    assert status == (200 if point in SERVED_AFTER else 404)
    with owner_connection() as owner:
        schemas = catalog.tenant_schemas(owner)
    with platform_transaction() as connection:
        known = {f"t_{code.lower()}" for code in connection.execute(select(Tenant.code)).scalars()}
    row = queries.company_at(new.subdomain)
    assert row is None or f"t_{row.code.lower()}" not in schemas - known


def check_whole(new: NewTenant) -> None:
    """One company with one owner and one identity, open, with nothing to find fault with."""
    row = queries.company_at(new.subdomain)
    assert row is not None and row.status == "trial" and row.opened_at is not None
    assert [event.event for event in queries.events_of(row.id)] == ["opened"]
    ref = registry.named(new.subdomain)
    with bound(ref, SYSTEM), unit_of_work():
        for model in (User, CompanyIdentity):
            assert db.session.scalar(select(func.count()).select_from(model)) == 1
        assert db.session.scalars(select(User.email)).one() == "ana@example.com"
    assert verify(ref) == []


@pytest.mark.parametrize("point", POINTS)
def test_a_company_whose_opening_was_killed_is_finished_by_the_same_call(
    point: str, new: NewTenant, driver: subprocess.Popen[str], app: IspbillFlask
) -> None:
    kill_at(point, new, driver)
    check_not_half_made(point, new, app)
    opened = platform.open_company(new)
    assert opened.created is (point not in SERVED_AFTER) and opened.set_password_url
    check_whole(new)


@pytest.mark.parametrize("point", ["after:reservation", "before:commit", "before:opening"])
def test_a_spare_claimed_by_a_caller_that_was_killed_becomes_the_company(
    point: str, spare: TenantRef, new: NewTenant, driver: subprocess.Popen[str], app: IspbillFlask
) -> None:
    kill_at(point, new, driver)
    check_not_half_made(point, new, app)
    assert platform.open_company(new).tenant.code == spare.code
    check_whole(new)


def test_a_company_killed_twice_at_different_steps_is_finished(
    new: NewTenant, driver: subprocess.Popen[str], app: IspbillFlask
) -> None:
    for point in ("during:schema", "after:schema", "before:commit"):
        kill_at(point, new, driver)
        check_not_half_made(point, new, app)
    assert platform.open_company(new).created
    check_whole(new)
