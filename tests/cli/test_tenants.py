"""`ispbill tenant`: the contract of the operator's commands, exit codes and JSON included."""

from __future__ import annotations

import itertools
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from ispbill.accounts.models import User
from ispbill.config import Settings
from ispbill.core.crypto import password_matches
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.tenancy import migrating, provisioning, registry, templates
from ispbill.tenancy.migrating import Outcome
from tests.cli.conftest import CommandLine
from tests.make.tenants import a_new_company

_numbers = itertools.count(1)


@pytest.fixture
def words() -> list[str]:
    """A call of `tenant create` for a company that is not there yet."""
    label = f"fiber-{next(_numbers)}"
    return ["tenant", "create", "Fiber One", "--subdomain", label, "--owner-email", "ana@example.com"]


@pytest.fixture
def label(ispbill: CommandLine, words: list[str]) -> str:
    """The subdomain of a company opened by the command."""
    return str(ispbill.json(*words)["subdomain"])


def test_create_prints_what_scripts_need(ispbill: CommandLine, words: list[str]) -> None:
    made = ispbill.json(*words, "--timezone", "America/New_York", "--currency", "USD")
    link = made.pop("set_password_url")
    assert made == {
        "code": registry.named(words[4]).code, "subdomain": words[4], "name": "Fiber One", "status": "trial",
        "url": f"http://{words[4]}.isp.test:8000", "owner_email": "ana@example.com", "created": True,
    }  # fmt: skip
    assert link.startswith(f"http://{words[4]}.isp.test:8000/password/set/")
    ref = registry.named(words[4])
    assert (ref.timezone, ref.currency) == ("America/New_York", "USD")


def test_create_says_it_in_words_too(ispbill: CommandLine, words: list[str]) -> None:
    result = ispbill(*words)
    assert result.exit_code == 0 and "“Fiber One” is open." in result.stdout
    assert f"http://{words[4]}.isp.test:8000/password/set/" in result.stdout
    assert "“Fiber One” exists already." in ispbill(*words).stdout


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_create_takes_the_owners_password_from_a_file_or_stdin(
    ispbill: CommandLine, words: list[str], tmp_path: Path, source: str
) -> None:
    file = tmp_path / "password"
    file.write_text("correct horse battery\n")
    named = "-" if source == "stdin" else str(file)
    result = ispbill(*words, "--owner-password-file", named, stdin="correct horse battery\n")
    assert result.exit_code == 0 and "password/set" not in result.stdout
    with bound(registry.named(words[4]), SYSTEM), unit_of_work():
        digest = db.session.scalars(select(User.password_hash)).one()
    assert password_matches(digest, "correct horse battery")


def test_create_twice_reports_what_exists(ispbill: CommandLine, words: list[str]) -> None:
    first, again = ispbill.json(*words), ispbill.json(*words)
    assert again["created"] is False and again["code"] == first["code"]


def test_create_finishes_what_a_crash_left(ispbill: CommandLine) -> None:
    new = a_new_company()
    provisioning.reserve(new)
    made = ispbill.json(
        "tenant", "create", new.name, "--subdomain", new.subdomain, "--owner-email", new.owner_email
    )  # fmt: skip
    assert (made["created"], made["status"]) == (True, "trial")


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({4: "admin"}, "reserved", "subdomain"),
        ({4: "No Good!"}, "cannot be a subdomain", "subdomain"),
        ({6: "nobody"}, "email address", "owner_email"),
        ({2: " "}, "name", "name"),
    ],
)
def test_create_refuses_with_the_reason_and_exit_code_1(
    ispbill: CommandLine, words: list[str], changed: dict[int, str], reason: str, field: str
) -> None:
    for place, word in changed.items():
        words[place] = word
    result = ispbill(*words)
    assert result.exit_code == 1 and result.stdout == ""
    assert (
        result.stderr.startswith("ispbill: ") and reason in result.stderr and result.stderr.count("\n") == 1
    )
    problem = ispbill.json(*words, code=1)
    assert problem["status"] == 422 and reason in problem["detail"] and problem["errors"][0]["field"] == field


def test_create_refuses_a_taken_subdomain(ispbill: CommandLine, words: list[str]) -> None:
    ispbill(*words)
    words[2] = "Somebody Else"
    problem = ispbill.json(*words, code=1)
    assert problem["status"] == 409 and "is taken" in problem["detail"]


@pytest.mark.parametrize("option", [["--timezone", "Manila"], ["--currency", "PESO"]])
def test_create_refuses_an_unknown_zone_or_currency(
    ispbill: CommandLine, words: list[str], option: list[str]
) -> None:
    assert ispbill(*words, *option).exit_code == 1


@pytest.mark.parametrize(
    "call",
    [
        ["tenant", "create", "X"],
        [
            "tenant",
            "create",
            "X",
            "--subdomain",
            "x-y-z",
            "--owner-email",
            "a@b.ph",
            "--owner-password-file",
            "/none",
        ],
        ["tenant", "suspend", "x"],
        ["tenant", "explode"],
        ["tenant", "migrate", "--jobs", "none"],
        ["tenant", "list", "--yaml"],
    ],
)
def test_a_wrong_call_ends_with_exit_code_2(ispbill: CommandLine, call: list[str]) -> None:
    assert ispbill(*call).exit_code == 2


def test_list_shows_every_company_and_no_spare(ispbill: CommandLine, label: str) -> None:
    spare = provisioning.make_spare()
    listed = {company["subdomain"]: company for company in ispbill.json("tenant", "list")}
    assert listed[label]["status"] == "trial" and listed[label]["trial_ends_on"] == "2026-04-09"
    assert spare.code not in {company["code"] for company in listed.values()}
    assert label in ispbill("tenant", "list").stdout and "Spares ready" in ispbill("tenant", "list").stdout


def test_show_tells_what_was_done_by_whom_and_why(ispbill: CommandLine, label: str) -> None:
    ispbill("tenant", "suspend", label, "--reason", "unpaid since May")
    shown = ispbill.json("tenant", "show", label)
    assert (shown["status"], shown["status_reason"], shown["is_current"]) == (
        "suspended",
        "unpaid since May",
        True,
    )
    assert [event["event"] for event in shown["events"]] == ["suspended", "opened"]
    assert shown["events"][0]["operator"].startswith("operator ")
    text = ispbill("tenant", "show", label).stdout
    assert "UTC" in text and "suspended by operator" in text and " yes\n" in text


def test_show_shows_a_half_made_company(ispbill: CommandLine) -> None:
    new = a_new_company()
    provisioning.reserve(new)
    assert ispbill.json("tenant", "show", new.subdomain)["status"] == "provisioning"


def test_the_states_follow_the_commands(ispbill: CommandLine, label: str) -> None:
    assert ispbill.json("tenant", "suspend", label, "--reason", "unpaid")["status"] == "suspended"
    assert ispbill.json("tenant", "activate", label)["status"] == "active"
    moved = ispbill.json("tenant", "rename", label, "--subdomain", f"{label}-moved")
    assert (moved["subdomain"], moved["url"]) == (f"{label}-moved", f"http://{label}-moved.isp.test:8000")
    assert ispbill.json("tenant", "cancel", f"{label}-moved")["status"] == "cancelled"
    assert ispbill.json("tenant", "cancel", f"{label}-moved")["status"] == "cancelled"
    assert ispbill("tenant", "suspend", f"{label}-moved", "--reason", "x").exit_code == 1


@pytest.mark.parametrize(
    "call",
    [
        ["show", "nobody"],
        ["suspend", "nobody", "--reason", "x"],
        ["activate", "nobody"],
        ["cancel", "nobody"],
        ["rename", "nobody", "--subdomain", "somebody"],
        ["migrate", "--tenant", "nobody"],
        ["verify", "--tenant", "nobody"],
    ],
)
def test_an_unknown_company_is_refused(ispbill: CommandLine, call: list[str]) -> None:
    result = ispbill("tenant", *call)
    assert result.exit_code == 1 and "There is no tenant “nobody”" in result.stderr


def test_migrate_says_that_there_is_nothing_to_do(ispbill: CommandLine, label: str) -> None:
    assert ispbill.json("tenant", "migrate", "--tenant", label) == {
        "head": templates.head_version(), "migrated": 0, "failed": 0, "results": [],
    }  # fmt: skip
    assert "nothing to do" in ispbill("tenant", "migrate", "--tenant", label).stdout


def test_migrate_names_those_that_fail_and_ends_with_exit_code_1(
    ispbill: CommandLine, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = registry.named(label)
    results = [
        migrating.Result(ref, "0001", "0002", Outcome.FAILED, 6, 1.5, "its tables were locked"),
        migrating.Result(ref, "0001", "0002", Outcome.MIGRATED, 1, 0.001),
    ]
    monkeypatch.setattr(migrating, "migrate", lambda tenant, jobs, progress: results)
    printed = ispbill.json("tenant", "migrate", "--jobs", "2", code=1)
    assert (printed["migrated"], printed["failed"]) == (1, 1)
    assert printed["results"][0] == {
        "tenant": label, "schema": ref.schema, "from": "0001", "to": "0002", "outcome": "failed", "attempts": 6,
        "seconds": 1.5, "error": "its tables were locked",
    }  # fmt: skip
    assert f"{label}: its tables were locked" in ispbill("tenant", "migrate").stdout


def test_verify_is_content_with_a_company_as_it_was_born(ispbill: CommandLine, label: str) -> None:
    assert ispbill.json("tenant", "verify", "--tenant", label) == {"ok": True, "findings": []}


def test_verify_lists_what_it_finds_and_ends_with_exit_code_1(
    ispbill: CommandLine, label: str, settings: Settings
) -> None:
    ref: TenantRef = registry.named(label)
    with psycopg.connect(settings.admin_url, autocommit=True) as admin:
        admin.execute(f"GRANT DELETE ON {ref.schema}.invoices TO {ref.role}")
        found = ispbill.json("tenant", "verify", "--tenant", label, code=1)
        text = ispbill("tenant", "verify", "--tenant", label).stdout
        admin.execute(f"REVOKE DELETE ON {ref.schema}.invoices FROM {ref.role}")
    assert found["ok"] is False and [finding["fault"] for finding in found["findings"]] == ["privilege"]
    assert found["findings"][0]["subdomain"] == label and "The table invoices grants" in text


def test_template_says_whether_it_is_up_to_date(
    ispbill: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert ispbill("tenant", "template", "--check").exit_code == 0
    monkeypatch.setattr(templates, "SCHEMA_FILE", tmp_path / "schema.sql")
    monkeypatch.setattr(templates, "schema_script", lambda: "something older")
    assert ispbill("tenant", "template", "--check").exit_code == 1
    assert ispbill("tenant", "template").exit_code == 0
    assert (tmp_path / "schema.sql").read_text() == templates.generated_schema_script()
