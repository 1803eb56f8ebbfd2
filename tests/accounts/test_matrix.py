"""Which role may call which address: the table `matrix.txt`, held against the routes, the seed and the answers.

`python -m tests.accounts.test_matrix` writes the table anew; what changed shows as a difference.
"""
from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from ispbill.app import create_app
from ispbill.config import PROJECT_ROOT, load
from ispbill.core import permissions
from ispbill.core.current import TenantRef
from ispbill.web import guards
from ispbill.web.limiter import limiter
from tests.make.browsers import Browser, member
from tests.make.programs import Program, token_of

TABLE = Path(__file__).parent / "matrix.txt"
SEED = tomllib.loads((PROJECT_ROOT / "tenant_templates" / "seed" / "roles.toml").read_text(encoding="utf-8"))["roles"]
ROLES: dict[str, frozenset[str]] = {
    role["name"]: permissions.ALL if role["permissions"] == ["*"] else frozenset(role["permissions"]) for role in SEED
}
# Asked for inside a verb or a list that another right has let in.
WITHIN_A_VERB = {"approve_cash_variance", "backdate_payment", "view_all_cash_sessions"}
# The first nine groups of the vocabulary, which others rely on: code by code, in their order.
GIVEN = """
    view_customer_list view_customer_detail create_customer change_customer_basic remove_customer export_customers
    view_barangay_list add_barangay change_barangay delete_barangay
    view_router_list add_router change_router delete_router
    view_subscriptionplan_list add_subscriptionplan change_subscriptionplan delete_subscriptionplan
    view_lcp_list view_lcp_detail add_lcp manage_lcp_infrastructure delete_lcp
    view_installation_list create_installation change_installation_status delete_customerinstallation export_installation_data
    view_subscription_list create_subscription cancel_subscription generate_receipt export_subscription_data
    view_ticket_list create_ticket change_ticket change_ticket_status add_ticket_comment remove_ticket export_ticket_data
    view_reports_dashboard view_daily_collection_report view_subscription_expiry_report view_monthly_revenue_report view_ticket_analysis_report view_technician_performance_report view_customer_acquisition_report view_payment_behavior_report view_area_performance_dashboard view_financial_dashboard export_reports
"""  # noqa: E501  a line for each group


# A refusal as JSON is sooner written than a page.
BRIEFLY = {"Accept": "application/json"}


def guarded(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Each address that asks for a right: the right, the method, the rule."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            mark = guards.mark_of(app.view_functions[rule.endpoint], method)
            if mark is not None and mark.code is not None:
                yield mark.code, method, rule


def table(app: Flask) -> str:
    """The table: each right with the default roles that hold it, and below it the addresses that ask for it."""
    asked = defaultdict(list)
    for code, method, rule in guarded(app):
        asked[code].append((rule.rule, method))
    lines = []
    for code in sorted(permissions.ALL):
        holders = ", ".join(role for role, rights in ROLES.items() if code in rights)
        lines += [f"{code}: {holders}", *(f"    {method:<5} {address}" for address, method in sorted(asked[code]))]
    return "\n".join(lines) + "\n"


def test_the_table_says_what_the_routes_and_the_roles_say(app: Flask) -> None:
    assert table(app).splitlines() == TABLE.read_text(encoding="utf-8").splitlines()


def test_the_given_groups_hold_their_codes_and_no_others() -> None:
    given = [tuple(line.split()) for line in GIVEN.strip().splitlines()]
    assert sum(map(len, given)) == 51
    assert set(given) <= {group.codes for group in permissions.GROUPS}


def test_no_right_stands_in_two_groups() -> None:
    assert sum(len(group.codes) for group in permissions.GROUPS) == len(permissions.ALL)


def test_the_rights_that_nothing_asks_for_are_said_to_wait(app: Flask) -> None:
    asked = {code for code, _, _ in guarded(app)} | WITHIN_A_VERB
    assert asked | permissions.WAITING == permissions.ALL
    assert asked & permissions.WAITING == set()


@pytest.mark.parametrize("role", [role for role, rights in ROLES.items() if rights != permissions.ALL])
def test_a_role_is_refused_exactly_what_it_does_not_hold(
    app: Flask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    person, rights = member(role), ROLES[role]
    browser = Browser(app, tenant)
    browser.sign_in(person.email)
    program = Program(app, tenant, token_of(person, scopes=rights))
    wrong = []
    for code, method, rule in guarded(app):
        status = _answer(browser, program, method, rule)
        if (status == 403) != (code not in rights):
            wrong.append(f"{method} {rule.rule} asks for {code} and answers {status}")
    assert wrong == []


def _answer(browser: Browser, program: Program, method: str, rule: Rule) -> int:
    """How the address answers where what it names does not exist."""
    built = rule.build({name: _nothing(name) for name in rule.arguments}, append_unknown=False)
    assert built is not None
    address = built[1]
    if method == "GET":
        return (program if "/api/" in address else browser).send("GET", address, headers=BRIEFLY).status_code
    if "/api/" in address:
        headers = {"Idempotency-Key": f"{method}-{address}".replace("/", "-")[:100]}
        return program.send(method, address, json={}, headers=headers).status_code
    return browser.post(address, headers=BRIEFLY).status_code


def _nothing(name: str) -> str | int:
    return 999_999_999 if name.endswith("_id") else "unicorns"


def _app_of_nowhere() -> Flask:
    """The application with its routes; no server stands behind it."""
    return create_app(load({
        "ISPBILL_DATABASE_URL": "postgresql://nobody@localhost/nothing", "ISPBILL_REDIS_URL": "redis://localhost/0",
        "ISPBILL_SECRET_KEY": "none",
    }))


if __name__ == "__main__":
    TABLE.write_text(table(_app_of_nowhere()), encoding="utf-8")
