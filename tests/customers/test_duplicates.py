"""Two records of one customer: how they are found, and what becomes of everything when one is merged into the other."""
from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from ispbill.audit.models import AuditEntry
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.proof import service as proof
from ispbill.core.current import TenantRef
from ispbill.core.db import TenantModel, db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries
from ispbill.customers import service as customers
from ispbill.customers.contacts import queries as contacts
from ispbill.customers.contacts.models import CustomerContact
from ispbill.customers.documents import service as documents
from ispbill.customers.documents.models import CustomerDocument
from ispbill.customers.duplicates import queries as duplicates
from ispbill.customers.duplicates import service as merging
from ispbill.customers.duplicates.policy import Known, check_merge, likeness, taken_over
from ispbill.customers.labels import queries as label_queries
from ispbill.customers.labels import service as labels
from ispbill.customers.models import CustomerStatus
from ispbill.customers.notes import service as notes
from ispbill.customers.notes.models import CustomerNote
from ispbill.reactions import GOES_ALONG
from ispbill.web.requests import IspbillFlask
from tests.make import bills, people
from tests.make.browsers import signed_in

ANA = {"phone": "0917 123 4567", "email": "ana@example.com", "street": "12 Mabini St"}
# What stays: the journal, which an entry puts right; what a run could not bill that day; who wears which label, which
# is worked out anew; the link to the account, which follows the merge; and the merged record itself.
STAYS = {"journal_postings", "billing_run_exceptions", "customer_labels", "customers", "portal_links",
         "statement_deliveries"}


def test_everything_that_names_a_customer_goes_along_or_stays_on_purpose() -> None:
    naming = {
        table.name for table in TenantModel.metadata.sorted_tables for key in table.foreign_keys
        if key.column.table.name == "customers"
    }
    own = {CustomerNote, CustomerDocument, CustomerContact}
    assert naming == {model.__tablename__ for model in own.union(GOES_ALONG)} | STAYS


@pytest.mark.parametrize(("one", "other", "is_likely"), [
    (Known("Ana Cruz", phone="+639171234567"), Known("A. Santos", phone="+639171234567"), True),
    (Known("Ana Cruz", email="Ana@example.com"), Known("Ana Cruz", email="ana@example.com"), True),
    (Known("Cruz, Ana", street="12 Mabini St"), Known("Ana Cruz", street="12 mabini st."), True),
    (Known("Anna Cruz", street="12 Mabini Street"), Known("Ana Cruz", street="12 Mabini St"), True),
    (Known("Ana Cruz", street="12 Mabini St"), Known("Ben Reyes", street="12 Mabini St"), False),
    (Known("Ana"), Known("Ben"), False),
    (Known(""), Known(""), False),
])
def test_records_are_alike_by_what_they_share(one: Known, other: Known, is_likely: bool) -> None:
    found = likeness(one, other)
    assert (found.score >= 60) is is_likely and bool(found.reasons) >= is_likely
    assert likeness(other, one) == found


@pytest.mark.parametrize(("kept", "merged", "facts"), [
    ("lead", "active", {}), ("terminated", "lead", {}), ("active", "active", {"is_same": True}),
    ("active", "lead", {"is_merged": True}),
])
def test_a_merge_that_would_lose_something_is_refused(kept: str, merged: str, facts: dict[str, bool]) -> None:
    with pytest.raises(Conflict):
        check_merge(kept, merged, **{"is_same": False, "is_merged": False, **facts})


def test_what_belongs_together_is_taken_over_together() -> None:
    nothing: dict[str, Any] = dict.fromkeys((
        "email", "phone", "tax_identifier", "area_id", "street", "landmark", "latitude", "longitude",
        "location_accuracy", "e_billing_since", "notes", "external_reference"), "")
    kept, merged = {**nothing, "street": "12 Mabini St"}, {**nothing, "street": "Elsewhere", "area_id": 7, "phone": "1"}
    assert taken_over(kept, merged) == {"phone": "1"}


def test_records_that_share_something_stand_in_one_group(tenant: TenantRef) -> None:
    with unit_of_work():
        one, two = people.register_customer("Ana Cruz", **ANA), people.register_customer("A. Cruz", phone=ANA["phone"])
        other = people.register_customer("Ben Reyes", phone="0917 000 1111")
        groups = duplicates.groups(duplicates.likely())
        assert [(group.shared, [row.id for row in group.members]) for group in groups] == [("Phone", [one.id, two.id])]
        same = people.register_customer("ANA CRUZ", street="12 mabini st")
        assert [row.id for row, _ in duplicates.alike(same)] == [one.id]
        assert duplicates.alike(other) == []


def test_a_merged_record_is_findable_and_names_the_kept_one(tenant: TenantRef) -> None:
    with unit_of_work():
        kept, merged = people.register_customer("Ana Cruz"), people.register_customer("A. Cruz", **ANA)
        merging.merge(kept.id, merged_id=merged.id)
        assert (merged.status, merged.merged_into_id) == (CustomerStatus.TERMINATED, kept.id)
        assert (kept.phone, kept.street) == ("+639171234567", "12 Mabini St")
        assert [row.id for row in queries.search(merged.account_number, limit=9)] == [merged.id]
        assert duplicates.likely() == []
        for again in ((kept.id, merged.id), (merged.id, kept.id), (kept.id, kept.id), (kept.id, 987_654)):
            with pytest.raises(Conflict):
                merging.merge(again[0], merged_id=again[1])
        with pytest.raises(Conflict):
            customers.reinstate(merged, reason="It was another one after all")
        note = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "merged")).one()
        assert note.entity_id == kept.id


def test_notes_documents_labels_and_another_phone_go_along(tenant: TenantRef) -> None:
    with unit_of_work():
        kept = people.register_customer("Ana Cruz", phone="0917 000 1111", external_reference="A-1")
        merged = people.register_customer("A. Cruz", **ANA, external_reference="B-2")
        vip, staff = labels.add("VIP", colour="amber"), labels.add("Staff", colour="blue")
        labels.wear(kept, label_ids=[vip.id])
        labels.wear(merged, label_ids=[vip.id, staff.id])
        notes.write(merged, body="Rang twice")
        documents.add(merged, title="Contract", content=b"%PDF-1.4 a contract", file_name="contract.pdf")
        merging.merge(kept.id, merged_id=merged.id)
        assert {row.label_id for row in label_queries.worn(kept.id)} == {vip.id, staff.id}
        assert (kept.external_reference, merged.external_reference) == ("A-1", "B-2")
        (contact,) = contacts.of_customer(kept.id)
        assert (contact.name, contact.phone) == ("A. Cruz", "+639171234567")
        assert [row.id for row in queries.search("0917 123 4567", limit=9)] == [kept.id, merged.id]
        for model in (CustomerNote, CustomerDocument):
            assert set(db.session.scalars(select(model.customer_id))) == {kept.id}


def test_a_reference_that_only_the_merged_one_had_is_the_kept_ones(tenant: TenantRef) -> None:
    with unit_of_work():
        kept, merged = people.register_customer("Ana"), people.register_customer("Anna", external_reference="B-2")
        merging.merge(kept.id, merged_id=merged.id)
        assert (kept.external_reference, merged.external_reference) == ("B-2", None)


def test_what_was_owed_and_what_was_credit_meet_on_the_kept_account(tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Cruz")
    with unit_of_work():
        twin = people.register_customer("A. Cruz").id
    bills.paid(twin, invoice.total_minor + 500)
    with unit_of_work():
        kept = merging.merge(invoice.customer_id, merged_id=twin)
        assert ledger.balances([kept.id, twin]) == {kept.id: -500, twin: 0}
        assert db.session.get_one(type(invoice), invoice.id).settled_on is not None
    with unit_of_work():
        assert proof.check().finding_count == 0


def test_issued_documents_go_to_the_kept_customer_and_keep_the_buyer_they_name(tenant: TenantRef) -> None:
    invoice = bills.billed("A. Cruz")
    twin = invoice.customer_id
    payment = bills.paid(twin, 1_000)
    with unit_of_work():
        kept = people.register_customer("Ana Cruz").id
        merging.merge(kept, merged_id=twin)
    with unit_of_work():
        moved = db.session.get_one(type(invoice), invoice.id)
        assert (moved.customer_id, moved.number, moved.buyer_name) == (kept, invoice.number, "A. Cruz")
        assert db.session.get_one(type(payment), payment.id).customer_id == kept
        for model in GOES_ALONG:
            column: Any = model.__table__.c["customer_id"]
            counted = select(func.count()).select_from(model.__table__).where(column == twin)
            assert db.session.scalar(counted) == 0, model


def test_duplicates_are_compared_and_merged_on_their_pages(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "No duplicates in sight" in browser.get("/customers/duplicates").text
    with unit_of_work():
        kept = people.register_customer("Ana Cruz", **ANA)
        merged, other = people.register_customer("A. Cruz", phone=ANA["phone"]), people.register_customer("Ben Reyes")
        ids, number = (kept.id, merged.id, other.id), merged.account_number
    assert "A. Cruz" in browser.get("/customers/duplicates").text
    assert "same phone" in browser.get(f"/customers/{ids[0]}/duplicates").text
    assert "Ben Reyes" in browser.get(f"/customers/{ids[0]}/duplicates?q=reyes").text
    assert browser.get(f"/customers/{ids[0]}/merge").location.endswith(f"/customers/{ids[0]}/duplicates")
    assert browser.get(f"/customers/{ids[0]}/merge?other=987654").status_code == 404
    question = browser.get(f"/customers/{ids[0]}/merge?other={ids[1]}").text
    assert number in question and "This one stays" in question
    assert browser.post(f"/customers/{ids[0]}/merge?other={ids[0]}").status_code == 422
    assert browser.post(f"/customers/{ids[0]}/merge?other={ids[1]}").status_code == 302
    page = browser.get(f"/customers/{ids[1]}").text
    assert "merged into Ana Cruz" in page and "Write a note" not in page
    assert "Merged" in browser.get("/customers?q=cruz").text
