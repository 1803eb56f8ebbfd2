"""What is known of a customer besides the form: notes, contacts, labels, own fields, documents."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries
from ispbill.customers import service as customers
from ispbill.customers.contacts import queries as contact_queries
from ispbill.customers.contacts import service as contacts
from ispbill.customers.contacts.policy import MOST_CONTACTS, ContactFacts
from ispbill.customers.custom_fields import policy as field_policy
from ispbill.customers.custom_fields import queries as field_queries
from ispbill.customers.custom_fields import service as custom_fields
from ispbill.customers.custom_fields.policy import Definition
from ispbill.customers.documents import queries as document_queries
from ispbill.customers.documents import service as documents
from ispbill.customers.labels import queries as label_queries
from ispbill.customers.labels import service as labels
from ispbill.customers.models import CustomerStatus
from ispbill.customers.notes import queries as note_queries
from ispbill.customers.notes import service as notes
from ispbill.customers.policy import CustomerFacts
from ispbill.customers.queries import CustomerFilter
from tests.make import people

PDF = b"%PDF-1.4 a contract"


def test_a_note_keeps_its_words_and_its_author(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana")
        notes.write(ana, body="  Rang about the bill ")
        with pytest.raises(Invalid):
            notes.write(ana, body=" ")
        (note,) = note_queries.before(ana.id, None, limit=9)
        assert (note.body, note.author) == ("Rang about the bill", "System")


@pytest.mark.parametrize("statement", [
    "UPDATE customer_notes SET body = 'otherwise'", "UPDATE customer_notes SET customer_id = customer_id + 1",
    "DELETE FROM customer_notes",
])
def test_the_database_lets_nobody_rewrite_a_note(tenant: TenantRef, statement: str) -> None:
    with unit_of_work():
        notes.write(people.register_customer(), body="As it was")
        people.register_customer()
        with pytest.raises(DBAPIError), db.session.begin_nested():
            db.session.execute(text(statement))


def test_the_notes_of_a_lead_go_with_them(tenant: TenantRef) -> None:
    with unit_of_work():
        lead = people.register_customer(status=CustomerStatus.LEAD)
        notes.write(lead, body="Asked for a price")
        customers.remove(lead)


def test_a_customer_is_found_by_whoever_rings_for_them(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz")
        aunt = contacts.add(ana, facts=ContactFacts("Tita Baby", "household", phone="0918 765 4321"))
        for term in ("tita", "0918-765", "+63 918 7654321"):
            assert [row.name for row in queries.search(term, limit=9)] == ["Ana Cruz"], term
        contacts.change(aunt, ana, facts=ContactFacts("Tita Girlie", "household", email="girlie@example.com"))
        assert queries.count(CustomerFilter(term="baby")) == 0 and queries.count(CustomerFilter(term="girlie@")) == 1
        contacts.remove(aunt, ana)
        assert queries.count(CustomerFilter(term="girlie")) == 0


def test_a_contact_can_be_reached_and_there_are_not_very_many(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        for bad in (ContactFacts("", "other", phone="1"), ContactFacts("Ben", "other"),
                    ContactFacts("Ben", "other", email="ben@")):
            with pytest.raises(Invalid):
                contacts.add(ana, facts=bad)
        for number in range(MOST_CONTACTS):
            contacts.add(ana, facts=ContactFacts(f"Ben {number}", "other", phone="0917 123 4567"))
        with pytest.raises(Conflict):
            contacts.add(ana, facts=ContactFacts("Ben", "other", phone="0917 123 4567"))
        assert len(contact_queries.of_customer(ana.id)) == MOST_CONTACTS


def test_a_customer_wears_several_labels_and_the_list_is_narrowed_to_one(tenant: TenantRef) -> None:
    with unit_of_work():
        ana, ben = people.register_customer("Ana"), people.register_customer("Ben")
        vip, staff = labels.add("VIP", colour="amber"), labels.add("Staff", colour="blue")
        labels.wear(ana, label_ids=[vip.id, staff.id])
        labels.wear(ben, label_ids=[staff.id])
        labels.wear(ana, label_ids=[vip.id])
        worn = label_queries.of_customers([ana.id, ben.id])
        assert {key: [row.name for row in rows] for key, rows in worn.items()} == {ana.id: ["VIP"], ben.id: ["Staff"]}
        assert queries.count(CustomerFilter(label_id=staff.id)) == 1
        labels.remove(staff)
        assert label_queries.of_customers([ben.id]) == {} and label_queries.counts() == {vip.id: 1}


def test_a_label_has_a_name_and_one_of_the_colours(tenant: TenantRef) -> None:
    with unit_of_work():
        for name, colour in (("", "red"), ("x" * 41, "red"), ("VIP", "pink")):
            with pytest.raises(Invalid):
                labels.add(name, colour=colour)


FIELDS = [
    Definition("Building", "text", key="building"), Definition("Floors", "number", key="floors"),
    Definition("Contract ends", "date", key="contract_ends"),
    Definition("Pays by", "choice", ["Cash", "GCash"], is_required=True, key="pays_by"),
]


@pytest.mark.parametrize(("values", "field"), [
    ({}, "custom_pays_by"), ({"pays_by": "Cheque"}, "custom_pays_by"),
    ({"pays_by": "Cash", "floors": "two"}, "custom_floors"), ({"pays_by": "Cash", "floors": "NaN"}, "custom_floors"),
    ({"pays_by": "Cash", "contract_ends": "31.3.2026"}, "custom_contract_ends"),
    ({"pays_by": "Cash", "building": "x" * 501}, "custom_building"),
    ({"pays_by": "Cash", "colour": "x"}, "custom_colour"),
])
def test_a_value_that_does_not_fit_its_field_is_refused(values: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        field_policy.checked_values(values, FIELDS)
    assert refusal.value.field == field


def test_values_are_kept_in_one_way_and_empty_ones_not_at_all() -> None:
    entered = {"building": " ", "floors": "1e1", "contract_ends": "2026-03-31", "pays_by": "GCash"}
    kept = {"floors": "10", "contract_ends": "2026-03-31", "pays_by": "GCash"}
    assert field_policy.checked_values(entered, FIELDS) == kept


@pytest.mark.parametrize("definition", [
    Definition("", "text"), Definition("!?", "text"), Definition("x" * 61, "text"), Definition("Pays by", "choice"),
    Definition("Colour", ""),
])
def test_a_field_is_defined_in_full(definition: Definition) -> None:
    with pytest.raises(Invalid):
        field_policy.checked_definition(definition)


def test_what_was_entered_stays_when_its_field_goes_out_of_use(tenant: TenantRef) -> None:
    with unit_of_work():
        field = custom_fields.define(Definition("Referred by", "text"))
        ana = customers.register(CustomerFacts("Ana", custom_values={"referred_by": "Ben"}))
        custom_fields.redefine(field, definition=Definition("Brought by", "number", is_in_use=False))
        assert (field.key, field.kind, field_queries.in_use()) == ("referred_by", "text", [])
        customers.change(ana, facts=CustomerFacts("Ana Cruz"))
        assert ana.custom_values == {"referred_by": "Ben"}


def test_a_place_without_coordinates_has_no_accuracy(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = customers.register(CustomerFacts("Ana", location_accuracy="exact", e_billing_since=date(2026, 3, 1)))
        assert ana.location_accuracy is None and ana.e_billing_since == date(2026, 3, 1)
        with pytest.raises(Invalid):
            customers.change(ana, facts=CustomerFacts("Ana", location_accuracy="guessed"))


def test_a_document_is_known_by_its_content_and_goes_with_its_file(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        with pytest.raises(Invalid):
            documents.add(ana, title="Virus", content=b"MZ\x90\x00\x01\xff", file_name="contract.pdf")
        documents.add(ana, title="", content=PDF, file_name="../contract.pdf")
        (paper,) = document_queries.of_customer(ana.id)
        assert (paper.title, paper.file.content_type) == ("contract.pdf", "application/pdf")
        documents.remove(paper)
        assert document_queries.of_customer(ana.id) == []
