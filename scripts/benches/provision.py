"""Opening a company against its SQL script run raw; claiming a spare; one column over 200 tenants; nothing to do.

All ways take turns in one run, over the same durable server, and their figures are medians.
"""
from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from workshop import workshop

from ispbill.core.current import TenantRef
from ispbill.core.text import random_code
from ispbill.platform import service as platform
from ispbill.tenancy import migrating, provisioning, templates
from ispbill.tenancy.owner import owner_connection
from ispbill.tenancy.provisioning import NewTenant

PASSWORD = "four words not together"
REVISION = '''
from alembic import op

revision, down_revision, branch_labels, depends_on = "{version}", "{head}", None, None


def upgrade() -> None:
    op.execute("ALTER TABLE customers ADD COLUMN {column} text")
'''


def main(argv: list[str]) -> None:
    """Print the figures as one JSON object on the last line."""
    parser = argparse.ArgumentParser(prog="bench provision", description=__doc__)
    parser.add_argument("--companies", type=int, default=30, help="how many to open each way (default 30)")
    parser.add_argument("--tenants", type=int, default=200, help="how many to migrate (default 200)")
    parser.add_argument("--json", action="store_true", help="print only JSON (it always does)")
    arguments = parser.parse_args(argv)
    with workshop(), tempfile.TemporaryDirectory() as folder:
        opened = _opening(arguments.companies)
        claimed = _claiming(min(arguments.companies, 20))
        migrated = _migrating(arguments.tenants, Path(folder))
    print(json.dumps({"bench": "provision", **opened, **claimed, **migrated}), flush=True)


def _opening(count: int) -> dict[str, object]:
    """Each way in turn, `count` times; the ratios are of neighbours, so that a busy moment strikes both."""
    ways: dict[str, Callable[[], object]] = {
        "raw_script": _run_script, "schema": _build, "company_with_link": _open,
        "company_with_password": lambda: _open(PASSWORD),
    }
    milliseconds: dict[str, list[float]] = {name: [] for name in ways}
    for name in ways:
        ways[name]()
    for _ in range(count):
        for name, way in ways.items():
            milliseconds[name].append(_timed(way))
    raw = milliseconds["raw_script"]
    return {
        "ms": {name: _median(values) for name, values in milliseconds.items()},
        "ratio": {
            name: round(statistics.median(one / floor for one, floor in zip(values, raw, strict=True)), 3)
            for name, values in milliseconds.items() if name != "raw_script"
        },
    }


def _claiming(count: int) -> dict[str, object]:
    """What a customer waits for when a spare is ready: the claim alone, and the open company with its owner."""
    provisioning.keep_spares(2 * count)
    claims = [_timed(lambda: provisioning.reserve(_new())) for _ in range(count)]
    opened = [_timed(_open) for _ in range(count)]
    return {"claim_ms": _median(claims), "claim_ms_max": round(max(claims), 2), "open_on_spare_ms": _median(opened)}


def _migrating(count: int, folder: Path) -> dict[str, object]:
    """One additive column over `count` schemas, three times; then with nothing to do."""
    while len(provisioned := _schemas()) < count:
        provisioning.make_spare()
    per_tenant, nothing, history, head = [], [], templates.HISTORY, templates.head_version()
    for number in range(1, 4):
        history, head = _grown(history, folder, head, f"added_{number}")
        began = time.perf_counter()
        results = migrating.migrate(history=history)
        per_tenant.append((time.perf_counter() - began) * 1000 / len(results))
        assert {result.outcome for result in results} == {migrating.Outcome.MIGRATED}
        nothing.append(_timed(lambda chosen=history: migrating.migrate(history=chosen)))  # type: ignore[misc]
    return {
        "tenants": len(provisioned), "migrate_ms_per_tenant": _median(per_tenant),
        "raw_migrate_ms_per_tenant": _median([_timed(_alter_raw) / len(provisioned) for _ in range(3)]),
        "nothing_to_do_ms": _median(nothing),
    }


def _run_script() -> None:
    schema = f"raw_{random_code().lower()}"
    with owner_connection() as owner:
        owner.execute(f'BEGIN; CREATE SCHEMA "{schema}"; SET LOCAL search_path = "{schema}", pg_temp; '
                      f"{templates.schema_script()} COMMIT")


def _build() -> TenantRef:
    return provisioning.build_schema(provisioning.reserve(_new()))


def _open(password: str | None = None) -> object:
    return platform.open_company(_new(), password=password)


def _new() -> NewTenant:
    label = f"b{random_code().lower()}"
    return NewTenant(name=label, subdomain=label, owner_email="o@example.com", timezone="Asia/Manila", currency="PHP")


def _schemas() -> list[str]:
    with owner_connection() as owner:
        return [name for (name,) in owner.execute(r"SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\_%'")]


def _alter_raw() -> None:
    """The floor: the same kind of change, one short transaction each, and nothing kept about it."""
    column = f"raw_{random_code().lower()}"
    with owner_connection() as owner:
        for schema in _schemas():
            owner.execute(f"BEGIN; SET LOCAL search_path = {schema}, pg_temp; SET LOCAL lock_timeout = '2s'; "
                          f"ALTER TABLE customers ADD COLUMN {column} text; COMMIT")


def _grown(history: Path, folder: Path, head: str, column: str) -> tuple[Path, str]:
    version = f"{int(head) + 1:04d}"
    grown = Path(shutil.copytree(history, folder / version, ignore=shutil.ignore_patterns("__pycache__")))
    (grown / "versions" / f"{version}_{column}.py").write_text(
        REVISION.format(version=version, head=head, column=column)
    )
    return grown, version


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 3)
