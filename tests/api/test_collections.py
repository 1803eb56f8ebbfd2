"""Collections through the API: who owes, what holds it off, cutting off and giving back."""
from __future__ import annotations

from datetime import date

from ispbill.core.current import TenantRef
from tests.make import bills, debts
from tests.make.programs import Program

# What is billed on 10 March is due on the 25th.
LATE, CUT_OFF = date(2026, 3, 27), date(2026, 3, 30)


def test_who_owes_is_listed_and_told_with_every_step(api: Program, tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    debts.round_on(LATE)
    with debts.morning(LATE):
        (row,) = api.get("collections", sort="-amount").json["items"]  # type: ignore[index]
        assert (row["name"], row["open_minor"], row["oldest_on"]) == ("Ana Reyes", 149_900, "2026-03-25")
        assert api.get("collections", age="90").json["items"] == []  # type: ignore[index]
        account = api.get(f"collections/customers/{ana}").json
    assert account is not None and account["episode_began_on"] == "2026-03-26" and account["actions"]
    assert account["debts"][0]["open_minor"] == 149_900 and account["next_step"]["on"] == "2026-03-30"
    assert api.get("collections/customers/999").status_code == 404


def test_a_promise_restores_who_is_cut_off_and_is_taken_back(api: Program, tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    debts.round_on(CUT_OFF)
    with debts.morning(CUT_OFF):
        made = api.post(f"collections/customers/{ana}/promises", until_on="2026-04-05", note="Salary").json
        assert made is not None and (made["amount_minor"], made["status"]) == (149_900, "open")
        account = api.get(f"collections/customers/{ana}").json
        assert account is not None and account["status"] == "active"
        assert account["suspensions"][0]["ending"] == "restored"
        assert api.post(f"collections/customers/{ana}/promises", until_on="2026-04-06").status_code == 409
        assert api.post(f"collections/promises/{made['id']}/withdraw").json["status"] == "withdrawn"  # type: ignore[index]
        assert api.post("collections/customers/999/promises", until_on="2026-04-06").status_code == 404


def test_a_dispute_is_opened_and_closed(api: Program, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes")
    path = f"collections/invoices/{invoice.id}/disputes"
    opened = api.post(path, reason="Was offline all month").json
    assert opened is not None and opened["amount_minor"] == 149_900
    assert api.post(path, reason="Again").status_code == 409 and api.post(path).status_code == 422
    closed = api.post(f"collections/disputes/{opened['id']}/close", outcome="It was not").json
    assert closed is not None and (closed["closed_on"], closed["outcome"]) == ("2026-03-10", "It was not")
    assert api.post("collections/invoices/999/disputes", reason="None").status_code == 404


def test_a_hold_keeps_steps_off_until_it_is_lifted(api: Program, tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    held = api.post(f"collections/customers/{ana}/holds", until_on="2026-04-05", reason="In hospital").json
    assert held is not None and held["from_on"] == "2026-03-10"
    assert api.post(f"collections/holds/{held['id']}/lift").json["lifted_on"] == "2026-03-10"  # type: ignore[index]
    assert api.post(f"collections/holds/{held['id']}/lift").status_code == 409


def test_a_customer_is_cut_off_by_hand_only_where_the_plan_says_so_and_given_back(
    api: Program, tenant: TenantRef
) -> None:
    ana = debts.debtor("Ana Reyes")
    assert api.post(f"collections/customers/{ana}/cut-off").status_code == 409
    with debts.morning(CUT_OFF):
        cut = api.post(f"collections/customers/{ana}/cut-off").json
        assert cut is not None and cut["status"] == "suspended" and cut["suspensions"]
        assert api.post(f"collections/customers/{ana}/restore").status_code == 409
        bills.paid(ana, 149_900)
        assert api.get(f"collections/customers/{ana}").json["status"] == "active"  # type: ignore[index]


def test_the_terms_of_the_plan_are_read_and_changed_one_by_one(api: Program, tenant: TenantRef) -> None:
    before = api.get("collections/plan").json
    assert before is not None and before["steps"]
    changed = api.patch("collections/plan", grace_days=3, no_cut_weekdays=[7, 6]).json
    assert changed is not None and changed["terms"] == {
        **before["terms"], "grace_days": 3, "no_cut_weekdays": [6, 7]
    }
    assert api.patch("collections/plan", grace_days=61).status_code == 422
    assert api.patch("collections/plan", is_enabled="yes").status_code == 422
    assert api.patch("collections/plan", fee_tax_rate_id="999").status_code == 422


def test_a_step_is_added_changed_and_removed_while_it_was_never_taken(api: Program, tenant: TenantRef) -> None:
    step = api.post("collections/plan/steps", name="A call", action="remind", days=10, channel="hand").json
    assert step is not None and (step["fee_flat_minor"], step["is_active"]) == (0, True)
    changed = api.patch(f"collections/plan/steps/{step['id']}", days=12).json
    assert changed == {**step, "days": 12}
    assert api.post("collections/plan/steps", name="Late", action="fee", days=5).status_code == 422
    assert api.post("collections/plan/steps", name="Cut", action="suspend", days=9).status_code == 409
    left = api.post(f"collections/plan/steps/{step['id']}/remove").json
    assert left is not None and step["id"] not in [row["id"] for row in left["steps"]]
    assert api.patch(f"collections/plan/steps/{step['id']}", days=12).status_code == 404


def test_a_day_is_kept_free_of_cut_offs_and_released(api: Program, tenant: TenantRef) -> None:
    kept = api.post("collections/plan/days", day="2026-04-03", name="Good Friday").json
    assert kept is not None and kept["area_id"] is None
    assert api.post("collections/plan/days", day="2026-04-03", name="Again").status_code == 409
    assert api.post("collections/plan/days", day="2026-04-04", name="There", area_id="999").status_code == 422
    assert api.get("collections/plan/days").json == {"items": [kept]}
    assert api.get("collections/plan/days", since="2026-04-04").json == {"items": []}
    assert api.post(f"collections/plan/days/{kept['id']}/remove").json == {"items": []}


def test_rounds_are_listed_with_what_they_did_and_tried_again(api: Program, tenant: TenantRef) -> None:
    debts.debtor("Ana Reyes")
    debts.round_on(LATE)
    debts.round_on(CUT_OFF)
    newest, older = api.get("collections/rounds").json["items"]  # type: ignore[index]
    assert (newest["day"], older["day"]) == ("2026-03-30", "2026-03-27")
    assert newest["cut_count"] == 1 and newest["completed_at"] and newest["trouble_count"] == 0
    assert api.post("collections/rounds/retry").json == {
        "action_count": 0, "cut_count": 0, "restored_count": 0, "trouble_count": 0
    }
