"""Two factors: set up with the first code, asked for after the password, no code taken twice, reset by others only."""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from ispbill.accounts.models import RecoveryCode, Role, SecondFactor, User, UserSession
from ispbill.accounts.roles import service as roles
from ispbill.accounts.second_factors import policy
from ispbill.accounts.second_factors import service as second_factors
from ispbill.accounts.users import service as users
from ispbill.audit.models import AuditEntry
from ispbill.core.current import Actor, TenantRef, acting_as, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Forbidden, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications.models import Message
from tests.make.browsers import OWNER_EMAIL, PASSWORD, Browser, colleague, owner, signed_in

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE = re.compile(r"<li>([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})</li>")


@dataclass
class Telephone:
    """An app that knows a secret."""

    secret: str

    def code(self) -> str:
        """What it shows now."""
        return pyotp.TOTP(self.secret).generate_otp(policy.step_of(current.now()))


@pytest.fixture
def later() -> Iterator[None]:
    """A moment at which the code of the set-up has gone."""
    with at(current.now() + timedelta(minutes=2)):
        yield


def set_up(browser: Browser) -> tuple[Telephone, list[str]]:
    """Set the second factor up by the pages; the app and the recovery codes."""
    page = browser.get("/profile/two-factor/set-up").text
    sealed = re.search(r'name="sealed"[^>]*value="([^"]+)"', page)
    secret = re.search(r"select-all\">([A-Z2-7 ]+)<", page)
    assert sealed and secret and "<svg" in page
    phone = Telephone(secret.group(1).replace(" ", ""))
    answer = browser.post("/profile/two-factor/set-up", {
        "sealed": sealed.group(1), "code": phone.code(), "password": PASSWORD,
    })
    assert answer.status_code == 200, answer.text
    return phone, CODE.findall(answer.text)


def noted() -> list[str]:
    with unit_of_work():
        return list(db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.entity == "user").order_by(AuditEntry.id)
        ))


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_fits_half_a_minute_early_or_late(steps: int, fits: bool) -> None:
    now = current.now()
    code = pyotp.TOTP(SECRET).generate_otp(policy.step_of(now) + steps)
    step = policy.fitting_step(SECRET, code, now=now, after=0)
    assert step == (policy.step_of(now) + steps if fits else None)


def test_a_code_that_was_taken_is_not_taken_again_nor_one_before_it() -> None:
    now = current.now()
    step, app = policy.step_of(now), pyotp.TOTP(SECRET)
    assert policy.fitting_step(SECRET, app.generate_otp(step), now=now, after=step) is None
    assert policy.fitting_step(SECRET, app.generate_otp(step - 1), now=now, after=step) is None
    assert policy.fitting_step(SECRET, app.generate_otp(step + 1), now=now, after=step) == step + 1


def test_the_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the last six digits of its first SHA-1 value, at 59 seconds."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert pyotp.TOTP(secret).generate_otp(59 // policy.STEP_SECONDS) == "287082"


def test_signing_in_takes_the_password_and_a_code(app: Flask, tenant: TenantRef) -> None:
    phone, codes = set_up(signed_in(app, tenant))
    assert len(set(codes)) == 10
    with at(current.now() + timedelta(minutes=2)):
        browser = Browser(app, tenant)
        answer = browser.post("/login", {"email": OWNER_EMAIL, "password": PASSWORD, "next": "/users"})
        assert answer.location == "/login/code?next=/users"
        assert browser.get("/users").location == "/login?next=/users", "the password alone opens nothing"
        assert browser.post("/login/code", {"code": "000000"}).status_code == 422
        answer = browser.post("/login/code?next=/users", {"code": phone.code(), "next": "/users"})
        assert (answer.status_code, answer.location) == (302, "/users")
        assert browser.get("/users").status_code == 200


def test_the_secret_is_sealed_and_recovery_codes_are_digests(app: Flask, tenant: TenantRef) -> None:
    phone, codes = set_up(signed_in(app, tenant))
    with unit_of_work():
        sealed = db.session.scalars(select(SecondFactor.sealed_secret)).one()
        digests = set(db.session.scalars(select(RecoveryCode.code_digest)))
        entries = [str(entry.after) + str(entry.before) for entry in db.session.scalars(select(AuditEntry))]
    assert phone.secret not in sealed and len(digests) == 10
    assert not any(code.replace("-", "") in digest for code in codes for digest in digests)
    assert not any(phone.secret in entry or sealed in entry for entry in entries)


def test_the_code_of_the_set_up_is_not_taken_at_the_sign_in(app: Flask, tenant: TenantRef) -> None:
    phone, _ = set_up(signed_in(app, tenant))
    with at(current.now() + timedelta(seconds=1)):
        browser = Browser(app, tenant)
        browser.sign_in()
        assert browser.post("/login/code", {"code": phone.code()}).status_code == 422


def test_a_code_opens_one_session_only(app: Flask, tenant: TenantRef, later: None) -> None:
    with at(current.now() - timedelta(minutes=2)):
        phone, _ = set_up(signed_in(app, tenant))
    first, second = Browser(app, tenant), Browser(app, tenant)
    for browser in (first, second):
        browser.sign_in()
    code = phone.code()
    assert first.post("/login/code", {"code": code}).status_code == 302
    assert second.post("/login/code", {"code": code}).status_code == 422


def test_a_recovery_code_works_once(app: Flask, tenant: TenantRef, later: None) -> None:
    _, codes = set_up(signed_in(app, tenant))
    for status in (302, 422):
        browser = Browser(app, tenant)
        browser.sign_in()
        assert browser.post("/login/code", {"code": codes[0].lower().replace("-", " ")}).status_code == status
    assert noted().count("recovery_code_used") == 1


def test_five_wrong_codes_lock_even_the_right_one_out(app: Flask, tenant: TenantRef) -> None:
    phone, _ = set_up(signed_in(app, tenant))
    with at(current.now() + timedelta(minutes=2)):
        browser = Browser(app, tenant)
        browser.sign_in()
        for _ in range(5):
            browser.post("/login/code", {"code": "111111"})
        assert browser.post("/login/code", {"code": phone.code()}).status_code == 422
    with at(current.now() + timedelta(minutes=20)):
        browser.sign_in()
        assert browser.post("/login/code", {"code": phone.code()}).status_code == 302
    assert noted().count("second_factor_refused") == 5


def test_the_second_step_may_take_ten_minutes(app: Flask, tenant: TenantRef) -> None:
    phone, _ = set_up(signed_in(app, tenant))
    browser = Browser(app, tenant)
    browser.sign_in()
    with at(current.now() + timedelta(minutes=11)):
        answer = browser.post("/login/code", {"code": phone.code()})
        assert answer.location == "/login"


def test_a_new_password_ends_a_sign_in_that_waits_for_the_code(app: Flask, tenant: TenantRef) -> None:
    phone, _ = set_up(signed_in(app, tenant))
    waiting = Browser(app, tenant)
    waiting.sign_in()
    with at(current.now() + timedelta(minutes=2)):
        with unit_of_work():
            token = users.passwords.send_link(
                db.session.scalars(select(User)).one(), users.LinkPurpose.RESET
            )
            users.passwords.set_by_link(token, password="another long password")
        assert waiting.post("/login/code", {"code": phone.code()}).location == "/login"


@pytest.mark.parametrize(("field", "value"), [("code", "123456"), ("password", "wrong"), ("sealed", "k1.made-up")])
def test_nothing_is_set_up_without_the_code_and_the_password(
    app: Flask, tenant: TenantRef, field: str, value: str
) -> None:
    boss = owner()
    with unit_of_work():
        new = second_factors.enrolment(boss.id)
        good = {"sealed": new.sealed, "code": Telephone(new.secret).code(), "password": PASSWORD}
        with pytest.raises(Invalid):
            second_factors.set_up(boss.id, **{**good, field: value}, session_id=1)
        assert db.session.scalars(select(SecondFactor)).all() == []


def test_a_sealed_secret_of_somebody_else_is_not_taken(tenant: TenantRef) -> None:
    ana, boss = colleague(), owner()
    with unit_of_work():
        hers = second_factors.enrolment(ana.id)
        assert second_factors.enrolment(ana.id, sealed=hers.sealed) == hers
        assert second_factors.enrolment(boss.id, sealed=hers.sealed).secret != hers.secret


def test_setting_it_up_signs_other_browsers_out_and_tells_by_mail(app: Flask, tenant: TenantRef) -> None:
    browser, other = signed_in(app, tenant), Browser(app, tenant)
    other.sign_in()
    set_up(browser)
    assert browser.get("/profile").status_code == 200 and "Recovery codes left" in browser.get("/profile").text
    assert other.get("/profile").status_code == 302
    with unit_of_work():
        assert db.session.scalars(select(Message.subject).order_by(Message.id.desc())).first() == \
            f"Two-factor sign-in at {tenant.name} was turned on"


def test_it_is_turned_off_with_a_code(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    phone, _ = set_up(browser)
    with at(current.now() + timedelta(minutes=2)):
        assert browser.post("/profile/two-factor/turn-off", {"code": "000000"}).status_code == 422
        assert browser.post("/profile/two-factor/turn-off", {"code": phone.code()}).status_code == 302
        assert Browser(app, tenant).sign_in().location == "/home"
    assert noted()[-1] == "second_factor_removed"


def test_new_recovery_codes_void_the_former(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    phone, former = set_up(browser)
    with at(current.now() + timedelta(minutes=2)):
        new = CODE.findall(browser.post("/profile/two-factor/recovery-codes", {"code": phone.code()}).text)
        assert len(new) == 10 and not set(new) & set(former)
        other = Browser(app, tenant)
        other.sign_in()
        assert other.post("/login/code", {"code": former[0]}).status_code == 422
        assert other.post("/login/code", {"code": new[0]}).status_code == 302


def test_a_role_may_ask_for_it(app: Flask, tenant: TenantRef) -> None:
    person = colleague(permissions=["view_user_list"])
    browser = Browser(app, tenant)
    browser.sign_in(person.email)
    with unit_of_work():
        role = db.session.scalars(select(Role).where(Role.name.startswith("Role of"))).one()
        roles.change(role.id, name=role.name, description="", permissions=["view_user_list"],
                     requires_second_factor=True)
    assert browser.get("/users").location == "/profile/two-factor/set-up?next=/users"
    assert browser.get("/branding.css").status_code == 200
    assert browser.get("/api/v1/customers", headers={"Accept": "application/json"}).status_code == 403
    phone, _ = set_up(browser)
    assert browser.get("/users").status_code == 200
    with at(current.now() + timedelta(minutes=2)):
        assert browser.post("/profile/two-factor/turn-off", {"code": phone.code()}).status_code == 409


def test_the_company_asks_everybody_once_the_asker_has_it(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    refused = browser.post("/settings/sign-in", {"requires_second_factor": "y"})
    assert refused.status_code == 422 and "for yourself first" in refused.text
    set_up(browser)
    assert browser.post("/settings/sign-in", {"requires_second_factor": "y"}).status_code == 302
    assert "Everybody must" in browser.get("/settings").text
    ana = Browser(app, tenant)
    ana.sign_in(colleague(permissions=["view_user_list"]).email)
    assert ana.get("/users").location == "/profile/two-factor/set-up?next=/users"
    assert ana.post("/logout").location == "/login"


def test_an_administrator_resets_it_for_whom_has_lost_the_telephone(app: Flask, tenant: TenantRef) -> None:
    ana = colleague(permissions=["view_user_list"])
    hers, boss = Browser(app, tenant), signed_in(app, tenant)
    hers.sign_in(ana.email)
    set_up(hers)
    assert "With two factors" in boss.get("/users").text
    listed = boss.get("/users?two_factor=on").text
    assert ana.email in listed and OWNER_EMAIL not in listed
    assert "Reset two-factor" in boss.get(f"/users/{ana.id}").text
    assert boss.post(f"/users/{ana.id}/reset-two-factor").status_code == 302
    assert hers.get("/users").status_code == 302, "she is signed out"
    assert Browser(app, tenant).sign_in(ana.email).location == "/home"
    assert "second_factor_reset" in noted()
    assert boss.post(f"/users/{ana.id}/reset-two-factor").status_code == 422


def test_nobody_resets_it_for_themselves_or_for_whom_may_do_more(tenant: TenantRef) -> None:
    boss, deputy = owner(), colleague(permissions=["change_user"])
    actor = Actor(kind="user", name="Deputy", user_id=deputy.id, permissions=frozenset({"change_user"}))
    with acting_as(actor), pytest.raises(Forbidden), unit_of_work():
        users.reset_second_factor(boss.id)
    with acting_as(actor), pytest.raises(Conflict, match="your profile"), unit_of_work():
        users.reset_second_factor(deputy.id)


def test_a_waiting_session_is_not_listed(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    set_up(browser)
    Browser(app, tenant).sign_in()
    with unit_of_work():
        assert db.session.scalars(select(UserSession).where(UserSession.awaits_second_factor)).one()
    assert browser.get("/profile").text.count("This browser") == 1
    assert "Sign out everywhere else" not in browser.get("/profile").text
