"""What a change would mean for the next bill, asked through the API. Today is 10 March 2026 in Manila."""
from __future__ import annotations

import pytest

from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, current
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers, people
from tests.make.programs import Program


@pytest.fixture
def line(api: Program, tenant: TenantRef) -> str:
    """The address of a subscription at 3,100 with an add-on at 310, billed from 10 March to 10 April; 6,200 is sold."""
    with unit_of_work():
        plan, addon = offers.plan(310_000, name="Fibre 50"), offers.plan(31_000, name="Static IP", kind="addon")
        offers.plan(620_000, name="Fibre 100")
        key = offers.subscribe(people.register_customer("Ana Reyes"), plans=[(plan, 1, None), (addon, 1, None)]).id
    jobs.bill_now(current.today())
    return f"subscriptions/{key}"


def component(api: Program, line: str, name: str) -> str:
    return next(part["id"] for part in api.get(line).json["components"] if part["plan_name"] == name)  # type: ignore[index]


def dearer(api: Program) -> str:
    return next(plan["id"] for plan in api.get("plans").json["items"] if plan["name"] == "Fibre 100")  # type: ignore[index]


def test_an_upgrade_is_foreseen_to_the_cent_and_changes_nothing(api: Program, line: str) -> None:
    before = api.get(line).json
    path = f"{line}/components/{component(api, line, 'Fibre 50')}/change/foresee"
    effect = api.post(path, plan_id=dearer(api), on="2026-03-20").json
    assert effect is not None and (effect["on"], effect["difference_minor"]) == ("2026-03-20", 210_000)
    assert sorted(row["amount_minor"] for row in effect["lines"]) == [-210_000, 420_000] and effect["omitted"] == []
    assert (effect["before"]["monthly_minor"], effect["after"]["monthly_minor"]) == (341_000, 651_000)
    assert effect["after"]["next_on"] == "2026-04-10"
    assert api.get(line).json == before
    assert api.post(path, on="2026-03-20").status_code == 422, "nothing would change"


def test_more_less_another_billing_day_and_an_end_are_foreseen(api: Program, line: str) -> None:
    before, addon = api.get(line).json, component(api, line, "Static IP")
    more = api.post(f"{line}/components/foresee", plan_id=dearer(api), on="2026-03-20").json
    assert more is not None and more["difference_minor"] == 420_000
    less = api.post(f"{line}/components/{addon}/remove/foresee", on="2026-03-20").json
    assert less is not None and less["difference_minor"] == -21_000
    moved = api.post(f"{line}/billing-day/foresee", anchor_day=1).json
    assert moved is not None and moved["on"] == "2026-04-10"
    assert moved["lines"][0]["period_end"] == "2026-05-01" and moved["omitted"]
    ended = api.post(f"{line}/end/foresee", on="2026-03-20").json
    assert ended is not None and ended["difference_minor"] == -231_000 and ended["after"]["next_on"] is None
    assert api.post(f"{line}/end/foresee").json["on"] == "2026-04-10"  # type: ignore[index]
    assert api.get(line).json == before


def test_a_pause_and_its_end_are_foreseen(api: Program, line: str) -> None:
    paused = api.post(f"{line}/suspend/foresee", on="2026-03-10", billing="credit").json
    assert paused is not None and paused["difference_minor"] == -341_000
    assert api.post(f"{line}/resume/foresee").status_code == 409
    assert api.post(f"{line}/suspend", reason="On holiday").status_code == 200
    assert api.post(f"{line}/resume/foresee").status_code == 200
    assert api.get(line).json["status"] == "suspended"  # type: ignore[index]
    assert api.post("subscriptions/999/resume/foresee").status_code == 404
