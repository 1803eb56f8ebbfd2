"""Companies are opened once, whoever calls how often; every change is written down, for good."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg
import pytest
from sqlalchemy import select, text

from ispbill.accounts.models import User
from ispbill.accounts.passwords import service as passwords
from ispbill.company import service as company
from ispbill.config import Settings
from ispbill.core.crypto import password_matches
from ispbill.core.current import SYSTEM, Actor, TenantRef, acting_as, at, bound
from ispbill.core.db import db, platform_transaction
from ispbill.core.errors import Conflict, Invalid, NotFound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.platform import queries
from ispbill.platform import service as platform
from ispbill.tenancy import provisioning, registry
from ispbill.tenancy.models import Tenant, TenantStatus
from ispbill.tenancy.provisioning import NewTenant
from ispbill.tenancy.verification import verify
from ispbill.web.requests import IspbillFlask
from tests.make.tenants import a_new_company

PASSWORD = "correct horse battery"
OPERATOR = Actor(kind="system", name="operator ana", is_owner=True)


def owners(ref: TenantRef) -> list[str]:
    with bound(ref, SYSTEM), unit_of_work():
        return list(db.session.scalars(select(User.email).where(User.is_owner)))


def test_a_company_is_opened_with_its_owner_on_trial_for_thirty_days(context: None) -> None:
    opened = platform.open_company(a_new_company(timezone="Pacific/Kiritimati"), password=PASSWORD)
    assert opened.created and opened.set_password_url is None
    assert (opened.tenant.status, opened.tenant.trial_ends_on) == ("trial", date(2026, 4, 9))
    with bound(opened.tenant, SYSTEM), unit_of_work():
        owner = db.session.scalars(select(User)).one()
        assert (owner.email, owner.is_owner) == (opened.owner_email, True)
        assert password_matches(owner.password_hash, PASSWORD)
        assert company.identity().legal_name == opened.tenant.name
    assert verify(opened.tenant) == []


def test_what_is_entered_is_kept_in_one_spelling(context: None) -> None:
    new = a_new_company()
    typed = replace(
        new, name="  Fiber   One Inc. ", subdomain=f" {new.subdomain.upper()} ", owner_email="Ana@Example.COM"
    )
    opened = platform.open_company(replace(typed, currency="php"))
    row = queries.company_at(new.subdomain)
    assert row and (row.name, row.owner_email, row.currency) == ("Fiber One Inc.", "ana@example.com", "PHP")
    assert not platform.open_company(typed).created and opened.owner_email == "ana@example.com"


def test_without_a_password_the_owner_gets_a_link_that_works_once(context: None) -> None:
    opened = platform.open_company(a_new_company())
    url = opened.set_password_url or ""
    assert url.startswith(f"http://{opened.tenant.subdomain}.isp.test") and url not in repr(opened)
    token = url.rpartition("/")[2]
    with bound(opened.tenant, SYSTEM), unit_of_work():
        passwords.set_by_link(token, password=PASSWORD)
    with bound(opened.tenant, SYSTEM), pytest.raises(NotFound), unit_of_work():
        passwords.set_by_link(token, password=PASSWORD)


def test_the_same_call_again_reports_what_exists(context: None) -> None:
    new = a_new_company()
    first = platform.open_company(new, password=PASSWORD)
    again = platform.open_company(new, password="another password, ignored")
    assert again == replace(first, created=False)
    assert len(owners(first.tenant)) == 1
    with bound(first.tenant, SYSTEM), unit_of_work():
        assert password_matches(db.session.scalars(select(User.password_hash)).one(), PASSWORD)


def test_the_same_call_again_renews_the_link_of_an_owner_without_a_password(context: None) -> None:
    new = a_new_company()
    first, again = platform.open_company(new), platform.open_company(new)
    assert again.set_password_url and again.set_password_url != first.set_password_url


def test_a_suspended_company_is_reported_as_it_is(context: None) -> None:
    new = a_new_company()
    platform.suspend(platform.open_company(new).tenant, reason="unpaid")
    again = platform.open_company(new)
    assert (again.created, again.tenant.status) == (False, "suspended")


def test_an_owner_who_has_another_address_by_now_is_left_alone(context: None) -> None:
    new = a_new_company()
    opened = platform.open_company(new, password=PASSWORD)
    with bound(opened.tenant, SYSTEM), unit_of_work():
        db.session.scalars(select(User)).one().email = "moved@example.com"
    again = platform.open_company(new)
    assert (again.created, again.set_password_url) == (False, None)
    assert owners(opened.tenant) == ["moved@example.com"]


@pytest.mark.parametrize("change", [{"name": "Somebody Else"}, {"owner_email": "else@example.com"}])
def test_a_subdomain_of_another_company_is_taken(context: None, change: dict[str, str]) -> None:
    new = a_new_company()
    platform.open_company(new)
    with pytest.raises(Conflict, match="is taken") as refusal:
        platform.open_company(replace(new, **change))
    assert refusal.value.field == "subdomain"


def test_a_poor_password_is_refused_before_anything_is_made(context: None) -> None:
    new = a_new_company()
    with pytest.raises(Invalid, match="password"):
        platform.open_company(new, password="short")
    assert queries.company_at(new.subdomain) is None


def test_a_crash_after_each_step_is_finished_by_the_same_call(context: None) -> None:
    for steps in range(3):
        new = a_new_company()
        ref = provisioning.reserve(new)
        if steps > 0:
            ref = provisioning.build_schema(ref)
        if steps > 1:
            platform._set_up(ref, new, None)
        assert registry.by_subdomain(new.subdomain) is None, "a half-made company is not served"
        registry.forget()
        opened = platform.open_company(new)
        assert opened.created and opened.set_password_url and len(owners(opened.tenant)) == 1
        assert verify(opened.tenant) == []


def test_a_ready_spare_is_claimed_and_becomes_the_company(context: None) -> None:
    provisioning.make_spare()
    with platform_transaction() as connection:
        ready = set(connection.scalars(select(Tenant.code).where(Tenant.status == TenantStatus.SPARE)))
    opened = platform.open_company(a_new_company(currency="USD", timezone="America/New_York"))
    assert opened.tenant.code in ready
    assert (opened.tenant.currency, opened.tenant.timezone) == ("USD", "America/New_York")
    assert verify(opened.tenant) == []


def test_many_callers_at_once_open_one_company_with_one_owner(app: IspbillFlask, context: None) -> None:
    new = a_new_company()
    opened: list[platform.OpenedCompany] = []

    def call() -> None:
        with app.app_context():
            opened.append(platform.open_company(new, password=PASSWORD))

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4 and sum(result.created for result in opened) == 1
    assert len({result.tenant.code for result in opened}) == 1 and len(owners(opened[0].tenant)) == 1
    assert verify(opened[0].tenant) == []


def test_two_companies_that_want_the_same_subdomain_at_once_do_not_both_get_it(
    app: IspbillFlask, context: None
) -> None:
    wanted = a_new_company()
    results: list[object] = []

    def call(new: NewTenant) -> None:
        with app.app_context():
            try:
                results.append(platform.open_company(new).tenant.name)
            except Conflict:
                results.append(None)

    threads = [
        threading.Thread(target=call, args=[replace(wanted, name=f"Rival {number}")]) for number in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name is None for name in results) == [False, True, True]


def test_a_change_of_state_is_written_down_with_who_and_why(context: None) -> None:
    with acting_as(OPERATOR):
        ref = platform.open_company(a_new_company()).tenant
        platform.suspend(ref, reason="unpaid since May")
    newest, first = queries.events_of(ref.id)
    assert (first.event, newest.event, newest.operator) == ("opened", "suspended", "operator ana")
    assert newest.details == {
        "before": {"status": "trial", "status_reason": None},
        "after": {"status": "suspended", "status_reason": "unpaid since May"},
        "reason": "unpaid since May",
    }


def test_each_verb_may_be_called_again_and_is_written_down_once(context: None) -> None:
    ref = platform.open_company(a_new_company()).tenant
    for _ in range(2):
        ref = platform.suspend(ref, reason="unpaid")
    for _ in range(2):
        ref = platform.activate(ref)
    for _ in range(2):
        ref = platform.rename(ref, subdomain=f"{ref.subdomain.removesuffix('-new')}-new")
    for _ in range(2):
        ref = platform.cancel(ref)
    assert [row.event for row in queries.events_of(ref.id)] == [
        "cancelled", "renamed", "activated", "suspended", "opened",
    ]  # fmt: skip


def test_a_cancelled_company_is_not_suspended_but_can_come_back(context: None) -> None:
    ref = platform.cancel(platform.open_company(a_new_company()).tenant)
    with pytest.raises(Conflict, match="cancelled"):
        platform.suspend(ref, reason="late")
    assert platform.activate(ref).status == "active"


def test_a_trial_is_over_after_its_last_day_where_the_company_lives(context: None) -> None:
    ref = platform.open_company(a_new_company(timezone="Asia/Manila")).tenant
    assert ref.trial_ends_on == date(2026, 4, 9)
    assert not ref.trial_is_over(datetime(2026, 4, 9, 15, 59, tzinfo=UTC))
    assert ref.trial_is_over(datetime(2026, 4, 9, 16, 0, tzinfo=UTC))


def test_an_activated_company_is_on_trial_no_longer(context: None) -> None:
    ref = platform.activate(platform.open_company(a_new_company()).tenant)
    with at(datetime(2030, 1, 1, tzinfo=UTC)):
        assert ref in list(registry.served())


def test_a_renamed_company_keeps_its_data_and_leaves_its_old_address(context: None) -> None:
    ref = platform.open_company(a_new_company()).tenant
    old = ref.subdomain
    assert registry.by_subdomain(old) == ref
    renamed = platform.rename(ref, subdomain=f"{old}-x")
    assert (renamed.code, renamed.schema) == (ref.code, ref.schema)
    assert registry.by_subdomain(old) is None and registry.by_subdomain(f"{old}-x") == renamed


def test_a_company_cannot_be_renamed_to_a_taken_or_reserved_address(context: None) -> None:
    one, other = (platform.open_company(a_new_company()).tenant for _ in range(2))
    with pytest.raises(Conflict, match="taken"):
        platform.rename(one, subdomain=other.subdomain)
    with pytest.raises(Invalid, match="reserved"):
        platform.rename(one, subdomain="admin")


def test_what_operators_did_cannot_be_changed_with_the_platforms_login(
    context: None, settings: Settings
) -> None:
    platform.open_company(a_new_company())
    for statement in (
        "UPDATE platform.operator_events SET operator = 'nobody'",
        "DELETE FROM platform.operator_events",
    ):
        with (
            psycopg.connect(settings.platform_url) as login,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            login.execute(statement)


def test_the_platforms_login_cannot_look_into_a_company(context: None, settings: Settings) -> None:
    ref = platform.open_company(a_new_company()).tenant
    with psycopg.connect(settings.platform_url) as login, pytest.raises(psycopg.errors.InsufficientPrivilege):
        login.execute(f"SELECT * FROM {ref.schema}.customers")


def test_a_company_that_is_gone_from_the_registry_is_not_found(context: None) -> None:
    ref = platform.open_company(a_new_company()).tenant
    with platform_transaction() as connection:
        connection.execute(text("DELETE FROM platform.tenants WHERE id = :id"), {"id": ref.id})
    with pytest.raises(NotFound):
        platform.cancel(ref)
