"""Verbs of customers. The account number is taken once and never changes; every change of status says why."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from ispbill.company import service as company
from ispbill.company.models import SeriesKind
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid, NotFound
from ispbill.core.events import publish
from ispbill.core.formats import country_of
from ispbill.core.i18n import gettext as _
from ispbill.customers import queries
from ispbill.customers.custom_fields import queries as custom_fields
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.policy import CustomerFacts, check_move, checked
from ispbill.customers.suspension_reasons.models import SuspensionReason
from ispbill.customers.suspension_reasons.policy import Cause, PauseBilling, cause

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class CustomerSuspended:
    """A customer's service stops until they are activated again; the cause says what that means for the bill."""

    customer_id: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class CustomerActivated:
    """A customer is served, for the first time or again; `before` is the status they had."""

    customer_id: int
    before: str
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerTerminated:
    """A customer leaves; a handler that still serves them raises Conflict."""

    customer_id: int
    reason: str


def register(facts: CustomerFacts, *, status: CustomerStatus = CustomerStatus.LEAD) -> Customer:
    """Take a customer into the books under the next account number, as a lead or as active at once.

    Raises Invalid.
    """
    assert status in (CustomerStatus.LEAD, CustomerStatus.ACTIVE), "customers begin as a lead or active"
    customer = Customer(
        **_known(facts), account_number=take_account_numbers(1)[0], status=status,
        status_since=current.today(), status_reason="", created_at=current.now(),
    )
    db.session.add(customer)
    db.session.flush()
    return customer


def take_account_numbers(count: int) -> list[str]:
    """The next account numbers of the series, without those that an import brought along from elsewhere."""
    free: list[str] = []
    wanted = count
    while len(free) < count:
        numbers = company.take_numbers(SeriesKind.CUSTOMER, wanted).texts()
        taken = queries.known_account_numbers(numbers)
        free += [number for number in numbers if number not in taken]
        wanted *= 2
    return free[:count]


def change(customer: Customer, *, facts: CustomerFacts) -> Customer:
    """Correct what is known of a customer.

    Raises Invalid. Documents already issued keep the data they were issued with.
    """
    known = _known(facts)
    # What was entered in fields that are out of use stays.
    in_use = {definition.key for definition in custom_fields.in_use()}
    kept = {key: value for key, value in customer.custom_values.items() if key not in in_use}
    for name, value in {**known, "custom_values": {**kept, **known["custom_values"]}}.items():
        setattr(customer, name, value)
    db.session.flush()
    return customer


def activate(customer: Customer, *, reason: str = "") -> Customer:
    """Serve a lead. Raises Conflict for any other customer."""
    activate_all([customer], reason=reason)
    return customer


def activate_all(leads: Sequence[Customer], *, reason: str = "") -> None:
    """The same for many, in a constant number of statements."""
    _serve(leads, CustomerStatus.LEAD, reason)


def restore(customer: Customer, *, reason: str = "") -> Customer:
    """Serve a suspended customer again; what was suspended resumes.

    Raises Conflict for any other customer.
    """
    _serve([customer], CustomerStatus.SUSPENDED, reason)
    return customer


def reinstate(customer: Customer, *, reason: str) -> Customer:
    """Take back a customer who left.

    Raises Conflict for any other customer and for one who was merged into another, Invalid without a reason.
    """
    if customer.merged_into_id is not None:
        raise Conflict(_("This record was merged into another one. Work with that one."))
    _serve([customer], CustomerStatus.TERMINATED, _given(reason))
    return customer


def suspend(
    customer: Customer, *, reason: str = "", billing: str = PauseBilling.SKIP, because: SuspensionReason | None = None
) -> Customer:
    """Stop serving a customer for a time, subscriptions included; their days are billed as `because` says.

    `reason` is what is noted besides. Without one of the company's reasons it says why, and `billing` what the days
    mean: “bill”, “skip” (not billed), or “credit” (what is billed already is given back, too). Raises Conflict by
    status, Invalid without a reason or for another word.
    """
    why = because.with_note(reason) if because is not None else cause(reason, billing)
    _hold([customer])
    _move([customer], CustomerStatus.SUSPENDED, _given(why.reason))
    publish(CustomerSuspended(customer.id, why))
    return customer


def terminate(customer: Customer, *, reason: str) -> Customer:
    """Part with a customer; they stay findable.

    Raises Conflict by status or while they are served, Invalid without a reason.
    """
    _hold([customer])
    _move([customer], CustomerStatus.TERMINATED, _given(reason))
    publish(CustomerTerminated(customer.id, customer.status_reason))
    return customer


def remove(customer: Customer) -> Customer:
    """Take a lead out of the books.

    Raises Conflict for any other customer, or from the database where anything refers to them.
    """
    _hold([customer])
    if customer.status != CustomerStatus.LEAD:
        raise Conflict(_("Only a lead can be removed. Terminate the customer: their documents must stay."))
    db.session.delete(customer)
    db.session.flush()
    return customer


def hold(customer_ids: Collection[int]) -> None:
    """Hold customers until the transaction ends, always in the same order, as billing holds those of a chunk: whoever
    moves their money, or changes what they are charged for, does so before reading it.

    Raises NotFound where one does not exist.
    """
    held = db.session.execute(
        select(Customer.id).where(Customer.id == any_key(customer_ids)).order_by(Customer.id)
        .with_for_update(key_share=True)
    ).all()
    if len(held) < len(set(customer_ids)):
        raise NotFound(_("There is no such customer."))


def _known(facts: CustomerFacts) -> dict[str, Any]:
    country = country_of(current.tenant.timezone)
    return asdict(checked(facts, country=country, fields=custom_fields.in_use()))


def _serve(served: Sequence[Customer], before: CustomerStatus, reason: str) -> None:
    _hold(served)
    for customer in served:
        if customer.status != before:
            raise Conflict(_("%(name)s is %(status)s, not %(before)s.", name=customer.name, status=customer.status,
                             before=before))
    _move(served, CustomerStatus.ACTIVE, reason)
    for customer in served:
        publish(CustomerActivated(customer.id, before, reason))


def _move(held: Sequence[Customer], after: CustomerStatus, reason: str) -> None:
    for customer in held:
        check_move(customer.status, after)
        customer.status, customer.status_since, customer.status_reason = after, current.today(), reason.strip()
    db.session.flush()


def _hold(held: Sequence[Customer]) -> None:
    """Read their status as it is now; two people changing it at once go one after the other."""
    statuses = queries.held_statuses([customer.id for customer in held])
    for customer in held:
        set_committed_value(customer, "status", statuses[customer.id])


def _given(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("Say why: whoever looks later will want to know."), field="reason")
    if len(reason) > _LONGEST_REASON:
        raise Invalid(_("A reason has at most %(longest_reason)s characters.", longest_reason=_LONGEST_REASON),
                      field="reason")
    return reason
