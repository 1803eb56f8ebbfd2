"""The life of an installation through the verbs and pages. Today is 10 March 2026 in Manila."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.core.current import TenantRef
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.connections import queries as connections
from ispbill.subscriptions.installations import queries
from ispbill.subscriptions.installations import service as installations
from ispbill.subscriptions.installations.policy import InstallationFacts
from ispbill.web.requests import IspbillFlask
from tests.make import equipment, offers, people, plants
from tests.make.browsers import Browser, colleague, signed_in

TODAY, TOMORROW = date(2026, 3, 10), date(2026, 3, 11)


def test_a_line_is_planned_made_and_taken_down(tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation(scheduled_on=TOMORROW)
        assert installations.complete(line, on=TODAY).installed_on == TODAY
        assert installations.terminate(line, on=TODAY).terminated_on == TODAY


def test_each_verb_takes_only_the_state_it_is_for(tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation()
        with pytest.raises(Invalid):
            installations.complete(line, on=TOMORROW)
        installations.complete(line, on=TODAY)
        with pytest.raises(Conflict):
            installations.complete(line, on=TODAY)
        with pytest.raises(Invalid, match="installed on"):
            installations.terminate(line, on=date(2026, 3, 9))
        installations.terminate(line, on=TODAY)
        with pytest.raises(Conflict):
            installations.terminate(line, on=TODAY)
        with pytest.raises(Conflict):
            installations.change(line, facts=InstallationFacts(address="x", scheduled_on=TODAY))


def test_a_line_that_a_subscription_runs_on_stays(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        line = offers.installation(ana)
        subscription = offers.subscribe(ana, installation=line, start_on=TOMORROW)
        with pytest.raises(Conflict, match="still runs on this line"):
            installations.terminate(line, on=TODAY)
        subscriptions.end(subscription, on=TOMORROW, reason="Changed mind")
        assert installations.terminate(line, on=TODAY).status == "terminated"


def test_who_has_left_gets_no_line(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        customers.terminate(ana, reason="Moved")
        with pytest.raises(Conflict):
            offers.installation(ana)


def test_a_technician_is_of_the_staff(tenant: TenantRef) -> None:
    technician = colleague("tino@example.com", permissions=["change_installation_status"]).id
    with unit_of_work():
        line = offers.installation(technician_id=technician)
        assert queries.technicians() == [(technician, "Tino")]
        with pytest.raises(Invalid):
            installations.change(line, facts=InstallationFacts("x", TODAY, technician_id=999))


@pytest.mark.parametrize(("facts", "field"), [
    ({"address": " "}, "address"), ({"address": "x" * 301}, "address"), ({"notes": "x" * 5001}, "notes"),
])
def test_a_refusal_names_its_field(tenant: TenantRef, facts: dict[str, str], field: str) -> None:
    with unit_of_work(), pytest.raises(Invalid) as refusal:
        offers.installation(**facts)
    assert refusal.value.field == field


def test_lines_are_found_by_customer_address_status_and_technician(tenant: TenantRef) -> None:
    technician = colleague("tino@example.com", permissions=["change_installation_status"]).id
    with unit_of_work():
        offers.installation(people.register_customer("Ana Cruz"), address="7 Rizal Avenue", technician_id=technician)
        installations.complete(offers.installation(address="9 Mabini Street"), on=TODAY)
        for wanted in (
            queries.InstallationFilter(term="ana"), queries.InstallationFilter(term="rizal"),
            queries.InstallationFilter(statuses=("scheduled",)), queries.InstallationFilter(technician_id=technician),
        ):
            assert [row.address for row in queries.everything(queries.listing(wanted))] == ["7 Rizal Avenue"]
            assert queries.count(wanted) == 1


def test_a_visit_that_failed_says_why_and_is_planned_anew(tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation(scheduled_on=TODAY)
        with pytest.raises(Invalid):
            installations.fail(line, reason=" ")
        assert installations.fail(line, reason="Nobody at home").status == "failed"
        assert queries.tallies(TODAY, None).due == 1, "somebody still has to go there"
        assert installations.change(line, facts=InstallationFacts("x", TODAY)).status == "failed"
        assert installations.change(line, facts=InstallationFacts("x", TOMORROW)).status == "scheduled"
        installations.fail(line, reason="A dog")
        done = installations.complete(line, on=TODAY)
        assert (done.status, done.status_reason) == ("active", "")
        with pytest.raises(Conflict):
            installations.fail(done, reason="Too late")


def test_what_is_not_made_after_all_is_cancelled_and_its_port_is_free(tenant: TenantRef) -> None:
    with unit_of_work():
        line, nap = offers.installation(), plants.nap(code="N")
        plants.connect(line, nap)
        cancelled = installations.cancel(line, reason="Chose another provider")
        assert (cancelled.status, cancelled.status_reason) == ("cancelled", "Chose another provider")
        assert connections.present(line.id) is None and queries.standing(line.customer_id) == []
        for verb in (lambda: installations.complete(line, on=TODAY), lambda: installations.terminate(line, on=TODAY),
                     lambda: installations.cancel(line, reason="Again")):
            with pytest.raises(Conflict):
                verb()


def test_a_plan_for_somebody_who_leaves_is_cancelled(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        line = offers.installation(ana)
        customers.terminate(ana, reason="Moved")
        assert line.status == "cancelled"


def test_only_who_may_complete_installations_is_sent(tenant: TenantRef) -> None:
    clerk = colleague("clara@example.com", permissions=["view_installation_list"]).id
    technician = colleague("tino@example.com", permissions=["change_installation_status"]).id
    with unit_of_work():
        assert [user_id for user_id, _ in queries.technicians()] == [technician]
        assert {user_id for user_id, _ in queries.technicians(including=clerk)} == {clerk, technician}
        with pytest.raises(Invalid, match="may complete"):
            offers.installation(technician_id=clerk)


def test_the_list_has_tabs_for_what_is_due_mine_and_failed(app: IspbillFlask, tenant: TenantRef) -> None:
    tino = colleague("tino@example.com", permissions=["view_installation_list", "change_installation_status"])
    with unit_of_work():
        offers.installation(address="1 Due Street", scheduled_on=TODAY)
        offers.installation(address="2 Later Street", scheduled_on=TOMORROW, technician_id=tino.id)
        installations.fail(offers.installation(address="3 Dog Street", scheduled_on=TODAY), reason="A dog")
    browser = Browser(app, tenant)
    browser.sign_in(tino.email)
    shown = {
        "": {"1 Due", "2 Later", "3 Dog"}, "?due=yes": {"1 Due", "3 Dog"},
        "?status=open&technician=me": {"2 Later"}, "?status=failed": {"3 Dog"}, "?planned_from=2026-03-11": {"2 Later"},
    }
    for query, streets in shown.items():
        page = browser.get(f"/installations{query}").text
        assert {name for name in ("1 Due", "2 Later", "3 Dog") if f"{name} Street" in page} == streets, query


def test_an_empty_tab_says_what_would_stand_there(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        offers.installation(scheduled_on=TOMORROW)
    browser = signed_in(app, tenant)
    for query, words in {"?due=yes": "Nothing is due", "?status=open&technician=me": "No line is yours to make",
                         "?status=failed": "No visit failed"}.items():
        page = browser.get(f"/installations{query}").text
        assert words in page and "Nothing matches" not in page, query


def test_completing_says_what_is_missing(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation().id
    browser = signed_in(app, tenant)
    asked = browser.get(f"/installations/{line}/complete").text
    assert "It is on no port yet" in asked and "No router stands there yet" in asked
    with unit_of_work():
        equipment.router("SN-1")
    put = browser.post(f"/installations/{line}/router?from=installation", {"router": "SN-1", "on": "2026-03-10"})
    assert put.location == f"/installations/{line}"
    page = browser.get(put.location).text
    assert "SN-1" in page and "Assign another router" in page
    assert "No router stands there yet" not in browser.get(f"/installations/{line}/complete").text


def test_failing_and_cancelling_ask_why(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation().id
    browser = signed_in(app, tenant)
    assert browser.post(f"/installations/{line}/fail", {"reason": ""}).status_code == 422
    assert browser.post(f"/installations/{line}/fail", {"reason": "Gate locked"}).status_code == 302
    page = browser.get(f"/installations/{line}").text
    assert "Gate locked" in page and "Plan another day" in page
    assert browser.post(f"/installations/{line}/cancel", {"reason": "Gave up"}).status_code == 302
    assert "It was cancelled" in browser.get(f"/installations/{line}").text
