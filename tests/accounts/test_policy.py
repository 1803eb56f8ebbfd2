"""The pure rules: good passwords, growing locks, who may give which right, where a sign-in may lead."""
from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.accounts import policy
from ispbill.accounts.sessions.policy import browser_name
from ispbill.core.current import SYSTEM, Actor
from ispbill.core.errors import Forbidden, Invalid
from ispbill.core.permissions import ALL

CODES = st.frozensets(st.sampled_from(sorted(ALL)), max_size=8)


@pytest.mark.parametrize("password", [
    "", "short", "nine char", "password123", "PASSWORD1234", "ana@example.com", "aaaaaaaaaaaa", "ababababab",
    "x" * 201,
])
def test_a_poor_password_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        policy.check_password(password, email="ana@example.com")
    assert refusal.value.field == "password"


@pytest.mark.parametrize("password", ["four words that fit", "ten chars!", "žluťoučký kůň", "x7Kq!fmmzp"])
def test_a_long_password_of_any_kind_is_good(password: str) -> None:
    policy.check_password(password, email="ana@example.com")


@pytest.mark.parametrize(("failures", "minutes"), [
    (0, None), (4, None), (5, 15), (6, 30), (7, 60), (8, 120), (11, 960), (12, 1440), (10_000, 1440),
])
def test_the_lock_doubles_from_the_fifth_failure_up_to_a_day(failures: int, minutes: int | None) -> None:
    assert policy.lock_after(failures) == (None if minutes is None else timedelta(minutes=minutes))


@given(held=CODES, wanted=CODES)
def test_a_right_can_be_given_only_by_who_holds_it(held: frozenset[str], wanted: frozenset[str]) -> None:
    actor = Actor(kind="user", name="Ana", permissions=held)
    if wanted <= held:
        policy.check_may_give(actor, wanted, field="x")
    else:
        with pytest.raises(Forbidden):
            policy.check_may_give(actor, wanted, field="x")
    policy.check_may_give(SYSTEM, wanted, field="x")


@given(held=CODES, theirs=CODES)
def test_nobody_changes_a_user_who_may_do_more(held: frozenset[str], theirs: frozenset[str]) -> None:
    actor = Actor(kind="user", name="Ana", permissions=held)
    if theirs <= held:
        policy.check_may_change(actor, holds=theirs, is_owner=False, name="Ben")
    else:
        with pytest.raises(Forbidden, match="Ben"):
            policy.check_may_change(actor, holds=theirs, is_owner=False, name="Ben")
    with pytest.raises(Forbidden):
        policy.check_may_change(actor, holds=(), is_owner=True, name="Olivia")


@pytest.mark.parametrize("address", ["/", "/users?q=a%20b", "/customers/7#invoices", "/login?next=https://x"])
def test_a_sign_in_leads_to_a_path_on_this_site(address: str) -> None:
    assert policy.local_path(address) == address


@pytest.mark.parametrize("address", [
    None, "", "users", "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "/a\nb", "/\t/evil",
    "javascript:alert(1)", "http:/evil.example",
])
def test_a_sign_in_leads_nowhere_else(address: str | None) -> None:
    assert policy.local_path(address) is None


@pytest.mark.parametrize(("typed", "stored"), [
    (" Ana@Example.COM ", "ana@example.com"), ("a+b@exämple.com", "a+b@xn--exmple-cua.com"),
])
def test_an_address_is_stored_in_one_spelling(typed: str, stored: str) -> None:
    assert policy.normal_email(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "ana", "ana@", "@example.com", "a b@example.com", "ana@localhost", "ä@example.com"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        policy.normal_email(typed)


@pytest.mark.parametrize(("status", "has_password", "is_locked", "shown"), [
    ("active", True, False, "active"), ("active", True, True, "locked"), ("active", False, False, "invited"),
    ("deactivated", True, True, "deactivated"),
])
def test_the_state_of_an_account_is_shown_in_one_word(
    status: str, has_password: bool, is_locked: bool, shown: str
) -> None:
    assert policy.account_status(status, has_password=has_password, is_locked=is_locked) == shown


@pytest.mark.parametrize(("agent", "name"), [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
     "Chrome on Windows"),
    ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1",
     "Safari on iPhone"),
    ("curl/8.5.0", "curl/8.5.0"), (None, "Unknown browser"),
])
def test_a_browser_is_called_as_people_know_it(agent: str | None, name: str) -> None:
    assert browser_name(agent) == name
