"""A schema is born whole or not at all; spares wait ready; what is new-born equals the migrations and the models."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, select, text, update

from ispbill.app import TENANT_METADATA
from ispbill.config import Settings
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import PlatformModel, db, platform_transaction
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.tenancy import catalog, installing, provisioning, templates
from ispbill.tenancy.models import ProvisioningStep, Tenant
from ispbill.tenancy.owner import owner_connection
from ispbill.tenancy.verification import verify
from ispbill.web.requests import IspbillFlask
from tests.make.tenants import a_new_company
from tests.tenancy.conftest import LongerHistory

SCRATCH = "t_000000001"


def steps(ref: TenantRef) -> list[str]:
    with platform_transaction() as connection:
        found = connection.execute(select(ProvisioningStep.step).where(ProvisioningStep.tenant_id == ref.id))
        return list(found.scalars())


def schema_exists(ref: TenantRef) -> bool:
    with owner_connection() as owner:
        return owner.execute("SELECT to_regnamespace(%s) IS NOT NULL", (ref.schema,)).fetchone() == (True,)


def test_a_reserved_tenant_has_a_row_and_no_schema_yet(fleet_of_ones_own: None) -> None:
    ref = provisioning.reserve(a_new_company())
    assert (ref.status, ref.schema_version, steps(ref), schema_exists(ref)) == ("provisioning", "", [], False)


def test_a_built_tenant_has_everything_it_is_born_with(context: None) -> None:
    ref = provisioning.build_schema(provisioning.reserve(a_new_company()))
    assert ref.schema_version == templates.head_version() and steps(ref) == ["schema_built"]
    assert verify(ref) == []
    with bound(ref, SYSTEM), unit_of_work():
        counts = {
            table: db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("roles", "role_permissions", "ledger_accounts", "number_series", "company_settings")
        }
    assert all(count > 0 for count in counts.values()), counts


def test_building_again_changes_nothing(context: None) -> None:
    reserved = provisioning.reserve(a_new_company())
    built = provisioning.build_schema(reserved)
    assert provisioning.build_schema(built) == built == provisioning.build_schema(reserved)
    assert steps(built) == ["schema_built"]


def test_a_script_that_fails_leaves_no_schema_and_no_role(
    context: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = provisioning.reserve(a_new_company())
    with monkeypatch.context() as patch:
        patch.setattr(templates, "seed_script", lambda: "SELECT 1 / 0;")
        with pytest.raises(psycopg.errors.DivisionByZero):
            provisioning.build_schema(ref)
    assert not schema_exists(ref) and steps(ref) == []
    assert verify(provisioning.build_schema(ref)) == []


def test_a_schema_built_by_an_older_release_is_registered_at_its_own_version(context: None) -> None:
    ref = provisioning.reserve(a_new_company())
    provisioning._give_birth(ref)
    with owner_connection() as owner:
        owner.execute(f"UPDATE {ref.schema}.alembic_version SET version_num = '0000'")
    assert provisioning.build_schema(ref).schema_version == "0000"


def test_a_taken_subdomain_is_refused_and_costs_no_spare(fleet_of_ones_own: None) -> None:
    new = a_new_company()
    provisioning.reserve(new)
    provisioning.keep_spares(1)
    with pytest.raises(Conflict, match="is taken"):
        provisioning.reserve(new)
    assert provisioning.spare_count() == 1


def test_spares_are_filled_up_to_the_number_asked_for(fleet_of_ones_own: None) -> None:
    assert (provisioning.keep_spares(2), provisioning.spare_count()) == (2, 2)
    assert (provisioning.keep_spares(2), provisioning.spare_count()) == (0, 2)
    provisioning.reserve(a_new_company())
    assert (provisioning.keep_spares(2), provisioning.spare_count()) == (1, 2)


def test_a_spare_left_half_made_is_finished_first(fleet_of_ones_own: None) -> None:
    with platform_transaction() as connection:
        half_made = provisioning._insert(connection, provisioning._SPARE)
    assert provisioning.keep_spares(1) == 1
    assert provisioning.reserve(a_new_company()).code == half_made.code


def test_a_spare_of_another_version_is_not_claimed(fleet_of_ones_own: None) -> None:
    spare = provisioning.make_spare()
    with platform_transaction() as connection:
        connection.execute(update(Tenant).where(Tenant.id == spare.id).values(schema_version="0000"))
    assert provisioning.spare_count() == 0
    assert provisioning.reserve(a_new_company()).code != spare.code


def test_a_spare_is_claimed_by_one_of_many_at_once(app: IspbillFlask, fleet_of_ones_own: None) -> None:
    provisioning.keep_spares(2)
    claimed: list[TenantRef] = []

    def claim() -> None:
        with app.app_context():
            claimed.append(provisioning.reserve(a_new_company()))

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({ref.code for ref in claimed}) == 4
    assert sum(ref.schema_version != "" for ref in claimed) == 2


def test_claiming_a_spare_is_quick(fleet_of_ones_own: None) -> None:
    """Five milliseconds is the goal, held by the benchmark; here the order of magnitude, on a busy machine."""
    provisioning.keep_spares(3)
    times = []
    for _ in range(3):
        began = time.perf_counter()
        provisioning.reserve(a_new_company())
        times.append(time.perf_counter() - began)
    assert min(times) < 0.05


def test_many_build_the_same_schema_at_once_and_it_is_built_once(app: IspbillFlask, context: None) -> None:
    ref = provisioning.reserve(a_new_company())
    built: list[TenantRef] = []

    def build() -> None:
        with app.app_context():
            built.append(provisioning.build_schema(ref))

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 4 and len(set(built)) == 1 and verify(built[0]) == []


def test_codes_are_unmistakable_and_never_used_twice(fleet_of_ones_own: None) -> None:
    refs = [provisioning.reserve(a_new_company()) for _ in range(20)]
    assert len({ref.code for ref in refs}) == 20
    assert all(len(ref.code) == 9 and not set(ref.code) & set("O0I1L") for ref in refs)
    assert all(ref.schema == ref.role == f"t_{ref.code.lower()}" for ref in refs)


def in_scratch(script: str) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """The digest and the parts of a schema made by a script, which is then rolled back."""
    with owner_connection() as owner:
        owner.execute(f"BEGIN; CREATE SCHEMA {SCRATCH}; SET LOCAL search_path = {SCRATCH}, pg_temp; {script}")
        return catalog.fingerprints(owner, [SCRATCH]), catalog.facts(owner, [SCRATCH])[SCRATCH]


def test_the_template_makes_what_replaying_the_migrations_makes(context: None) -> None:
    assert templates.schema_script() == templates.generated_schema_script()
    assert in_scratch(templates.schema_script()) == in_scratch(templates.upgrade_script(None))


def test_the_digest_tells_schemas_apart(context: None, history: LongerHistory) -> None:
    history.grow("ALTER TABLE customers ADD COLUMN nickname text")
    grown = in_scratch(templates.upgrade_script(None, history=history.path))
    assert grown[0] != in_scratch(templates.schema_script())[0]


def test_an_upgrade_ends_where_the_template_of_the_newer_release_begins(
    context: None, history: LongerHistory
) -> None:
    history.grow(
        "ALTER TABLE customers ADD COLUMN nickname text; CREATE INDEX ix_nick ON customers (nickname)"
    )
    upgraded = templates.schema_script() + templates.upgrade_script(templates.head_version(), history=history.path)
    assert in_scratch(upgraded) == in_scratch(templates.upgrade_script(None, history=history.path))


def test_the_models_are_equal_to_the_head_of_the_tenant_history(settings: Settings, context: None) -> None:
    engine = create_engine(settings.engine_url(settings.owner_url))
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {SCRATCH}"))
        connection.execute(text(f"SET LOCAL search_path = {SCRATCH}, pg_temp"))
        connection.exec_driver_sql(templates.schema_script())
        connection.dialect.default_schema_name = SCRATCH
        context_ = MigrationContext.configure(connection, opts={"compare_server_default": True})
        differences = compare_metadata(context_, TENANT_METADATA)
    engine.dispose()
    assert differences == []


def test_the_models_are_equal_to_the_head_of_the_platform_history(settings: Settings, context: None) -> None:
    def only_platform(name: str | None, kind: str, _parents: object) -> bool:
        return name == "platform" if kind == "schema" else True

    engine = create_engine(settings.engine_url(settings.owner_url))
    with engine.connect() as connection:
        options = {
            "include_schemas": True, "include_name": only_platform, "compare_server_default": True,
            "version_table_schema": "platform",
        }  # fmt: skip
        context_ = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context_, PlatformModel.metadata)
    engine.dispose()
    assert differences == []


@pytest.mark.parametrize("history", ["tenant", "platform"])
def test_each_history_has_one_head(history: str) -> None:
    folder = templates.HISTORY if history == "tenant" else installing.HISTORY
    assert len(templates.ScriptDirectory(str(folder)).get_heads()) == 1


def test_installing_again_changes_nothing(settings: Settings, context: None) -> None:
    with platform_transaction() as connection:
        before = connection.execute(select(func.count()).select_from(Tenant)).scalar_one()
    installing.prepare_database(settings)
    assert installing.is_installed(settings)
    with platform_transaction() as connection:
        assert connection.execute(select(func.count()).select_from(Tenant)).scalar_one() == before


def test_a_database_with_nothing_in_it_is_not_installed(settings: Settings) -> None:
    with psycopg.connect(settings.admin_url, autocommit=True) as admin:
        name = f"{settings.database_name}_empty"
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            empty = settings.platform_url.replace(f"/{settings.database_name}", f"/{name}")
            assert not installing.is_installed(replace_url(settings, empty))
        finally:
            admin.execute(f'DROP DATABASE "{name}"')


def replace_url(settings: Settings, url: str) -> Settings:
    values = {name: getattr(settings, name) for name in Settings.__slots__}
    return Settings(**{**values, "platform_url": url})
