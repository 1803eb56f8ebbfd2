"""The cash desk by programs, such as a collector's phone: the same rules, the same refusals."""
from __future__ import annotations

from ispbill.core.current import TenantRef
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import colleague
from tests.make.corrections import findings
from tests.make.drawers import CASHIER, office
from tests.make.programs import Program, token_of


def of(app: IspbillFlask, tenant: TenantRef, name: str, *more: str) -> Program:
    """A program of somebody with these rights."""
    rights = {*CASHIER, *more}
    return Program(app, tenant, token_of(colleague(f"{name}@example.com", permissions=rights), scopes=rights))


def test_a_collector_s_day_by_phone(app: IspbillFlask, tenant: TenantRef) -> None:
    rodel, ana = of(app, tenant, "rodel"), of(app, tenant, "ana", "approve_cash_variance")
    customer = bills.unbillable()
    bag = rodel.post("cash/drawers").json
    assert bag["status"] == "open" and bag["counted_minor"] is None
    paid = rodel.post("payments", customer_id=str(customer), amount_minor=50_000, method="cash", currency="PHP")
    assert paid.status_code == 201
    given = rodel.post("cash/handovers", from_drawer_id=bag["id"], amount_minor=30_000, currency="PHP").json
    assert (given["given_by"], given["taken_by"], given["to_drawer_id"]) == ("Rodel (Bookkeeping)", None, None)
    assert [row["id"] for row in ana.get("cash/handovers").json["items"]] == [given["id"]]
    assert ana.post(f"cash/handovers/{given['id']}/sign").json["taken_by"] == "Ana (Bookkeeping)"
    moved = rodel.get(f"cash/drawers/{bag['id']}/movements").json["items"]
    assert [(row["kind"], row["amount_minor"]) for row in moved] == [("handover", -30_000), ("payment", 50_000)]
    pieces = [{"value_minor": 10_000, "count": 1}]
    assert rodel.post(f"cash/drawers/{bag['id']}/count", denominations=pieces).json["counted_minor"] == 10_000
    closed = ana.post(f"cash/drawers/{bag['id']}/take-over", reason="Lost on the way").json
    assert (closed["expected_minor"], closed["variance_minor"]) == (20_000, -10_000)
    assert closed["closed_by"] == "Ana (Bookkeeping)"
    assert office() == 40_000 and findings() == {}


def test_what_is_wrong_is_said_field_by_field(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = of(app, tenant, "ana")
    drawer = ana.post("cash/drawers").json["id"]
    missing = ana.post("cash/handovers", from_drawer_id="999", amount_minor=1, currency="PHP")
    assert missing.status_code == 422 and missing.json["errors"][0]["field"] == "from_drawer_id"
    unknown = ana.post(f"cash/drawers/{drawer}/count", denominations=[{"value_minor": 30_000, "count": 1}])
    assert unknown.status_code == 422 and unknown.json["errors"][0]["field"] == "denominations"
    again = ana.post("cash/drawers")
    assert again.status_code == 409 and "drawer already" in again.json["detail"]


def test_a_deposit_is_recorded_once_and_cancelled(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = of(app, tenant, "ana")
    ana.post("payments", customer_id=str(bills.unbillable()), amount_minor=50_000, method="cash", currency="PHP")
    slip = {"amount_minor": 50_000, "bank": "BDO", "reference": "S-1", "currency": "PHP"}
    made = ana.post("cash/deposits", key="one", **slip)
    assert made.status_code == 201 and ana.post("cash/deposits", key="one", **slip).json["id"] == made.json["id"]
    assert ana.post("cash/deposits", **slip).status_code == 409
    assert ana.post(f"cash/deposits/{made.json['id']}/cancel", reason="Never in").json["status"] == "cancelled"
    assert [row["status"] for row in ana.get("cash/deposits").json["items"]] == ["cancelled"] and office() == 50_000


def test_change_is_brought_in_once_and_cancelled(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = of(app, tenant, "ana")
    drawn = {"amount_minor": 50_000, "origin": "bank", "reference": "W-1", "currency": "PHP"}
    made = ana.post("cash/intakes", key="one", **drawn)
    assert made.status_code == 201 and ana.post("cash/intakes", key="one", **drawn).json["id"] == made.json["id"]
    assert ana.post("cash/intakes", **drawn).status_code == 409
    wrong = ana.post("cash/intakes", **{**drawn, "reference": ""})
    assert wrong.status_code == 422 and wrong.json["errors"][0]["field"] == "reference"
    own = ana.post("cash/intakes", amount_minor=100, origin="owner", currency="PHP").json
    assert [row["id"] for row in ana.get("cash/intakes").json["items"]] == [own["id"], made.json["id"]]
    assert [row["id"] for row in ana.get("cash/intakes", origin="owner").json["items"]] == [own["id"]]
    assert ana.post(f"cash/intakes/{made.json['id']}/cancel", reason="Never drawn").json["status"] == "cancelled"
    assert ana.get("cash/intakes", status="cancelled").json["items"][0]["cancel_reason"] == "Never drawn"
    assert office() == 100 and findings() == {}
