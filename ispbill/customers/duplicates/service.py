"""The verb of duplicates: merge one record into another. Each feature moves its own rows, told by the event."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from ispbill.audit import service as audit
from ispbill.core.current import current
from ispbill.core.db import TenantModel, db
from ispbill.core.errors import Conflict
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.customers.contacts import queries as contact_queries
from ispbill.customers.contacts import service as contacts
from ispbill.customers.contacts.models import CustomerContact
from ispbill.customers.contacts.policy import MOST_CONTACTS
from ispbill.customers.documents.models import CustomerDocument
from ispbill.customers.duplicates import queries
from ispbill.customers.duplicates.policy import check_merge, taken_over
from ispbill.customers.labels import queries as label_queries
from ispbill.customers.labels import service as labels
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.notes.models import CustomerNote

_COLUMNS = (
    "email", "phone", "tax_identifier", "area_id", "street", "landmark", "latitude", "longitude", "location_accuracy",
    "e_billing_since", "notes", "external_reference",
)


@dataclass(frozen=True, slots=True)
class CustomersMerged:
    """One record was merged into another: what refers to the merged one is to refer to the kept one."""

    kept_id: int
    merged_id: int


@dataclass(frozen=True, slots=True)
class Moving:
    """A reaction that lets all rows of a table go with their customer."""

    model: type[TenantModel]

    def __call__(self, event: CustomersMerged) -> None:
        """Move the rows. Frozen ones may go this one way (the trigger `freeze_except`)."""
        column = self.model.__table__.c["customer_id"]
        db.session.execute(
            update(self.model).where(column == event.merged_id).values(customer_id=event.kept_id)
            .execution_options(synchronize_session=False)
        )


def merge(kept_id: int, *, merged_id: int) -> Customer:
    """Merge one record into another, with everything that hangs on it, and give the kept one.

    The merged record stays findable by its number, terminated, and names the kept one. Issued documents keep the
    buyer they name; what is owed moves by a journal entry. Raises Conflict for records that cannot be merged.
    """
    found = {customer.id: customer for customer in queries.locked([kept_id, merged_id])}
    kept, merged = found.get(kept_id), found.get(merged_id)
    if kept is None or merged is None:
        raise Conflict(_("One of the two customers does not exist."))
    is_merged = kept.merged_into_id is not None or merged.merged_into_id is not None
    check_merge(kept.status, merged.status, is_same=kept is merged, is_merged=is_merged)
    _point(merged, kept)
    _take_over(kept, merged)
    _move_records(kept, merged)
    publish(CustomersMerged(kept.id, merged.id))
    audit.note("merged", entity="customer", entity_id=kept.id, label=f"{kept.account_number} · {kept.name}",
               after={"merged": merged.account_number, "merged_id": merged.id, "name": merged.name})
    db.session.expire_all()
    return kept


def _point(merged: Customer, kept: Customer) -> None:
    merged.status, merged.status_since = CustomerStatus.TERMINATED, current.today()
    merged.status_reason = _("Merged into %(account_number)s", account_number=kept.account_number)
    merged.merged_into_id = kept.id
    db.session.flush()


def _take_over(kept: Customer, merged: Customer) -> None:
    known: tuple[dict[str, Any], ...] = tuple(
        {column: getattr(row, column) for column in _COLUMNS} for row in (kept, merged)
    )
    taken = taken_over(*known)
    if "external_reference" in taken:
        # It is unique: one lets go before the other holds it.
        merged.external_reference = None
        db.session.flush()
    for column, value in taken.items():
        setattr(kept, column, value)
    kept.custom_values = {**merged.custom_values, **kept.custom_values}
    db.session.flush()


def _move_records(kept: Customer, merged: Customer) -> None:
    event = CustomersMerged(kept.id, merged.id)
    worn = {row.label_id for customer in (kept, merged) for row in label_queries.worn(customer.id)}
    labels.wear(merged, label_ids=())
    labels.wear(kept, label_ids=worn)
    for model in (CustomerNote, CustomerDocument, CustomerContact):
        Moving(model)(event)
    db.session.expire_all()
    others = {"phone": merged.phone if merged.phone != kept.phone else "",
              "email": merged.email if merged.email.lower() != kept.email.lower() else ""}
    if any(others.values()) and len(contact_queries.of_customer(kept.id)) < MOST_CONTACTS:
        db.session.add(CustomerContact(customer_id=kept.id, name=merged.name, role="other", **others))
        db.session.flush()
    for customer in (kept, merged):
        contacts.index(customer)
