"""Reads of collections: the plan in force, and all facts about some customers in a constant number of statements."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import ScalarSelect, func, select, union
from sqlalchemy.orm import aliased

from ispbill.areas.models import Area
from ispbill.billing.collections.models import (
    CollectionAction,
    CollectionCutoff,
    CollectionEpisode,
    CollectionHold,
    CollectionPolicy,
    CollectionStep,
    DisputeHold,
    NoCutDay,
    PromiseStatus,
    PromiseToPay,
)
from ispbill.billing.collections.policy import (
    ONE_DAY,
    Account,
    Calendar,
    Debt,
    Dispute,
    Done,
    OpenPromise,
    Plan,
    Span,
    Step,
)
from ispbill.billing.handovers import queries as handovers
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.invoices.queries import IS_OPEN
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db
from ispbill.core.errors import NotFound
from ispbill.core.i18n import gettext as _
from ispbill.customers.models import Customer
from ispbill.customers.suspension_reasons.models import SuspensionReason

Fact = TypeVar("Fact")
_Region = aliased(Area)
_FEES = (
    select(func.coalesce(func.sum(InvoiceLine.net_minor + InvoiceLine.tax_minor), 0))
    .where(InvoiceLine.invoice_id == Invoice.id, InvoiceLine.account == AccountPurpose.LATE_FEES)
    .correlate(Invoice).scalar_subquery().label("fees_minor")
)
# Customers with where they live, and with the episode and the cutoff that they are in.
_PEOPLE = (
    select(Customer.id, Customer.status, Customer.status_since, Customer.status_reason, Customer.area_id.label("area"),
           Area.parent_id.label("around"), _Region.parent_id.label("region"), CollectionEpisode.id.label("episode_id"),
           CollectionEpisode.began_on, CollectionCutoff.cut_on)
    .outerjoin(Area, Area.id == Customer.area_id).outerjoin(_Region, _Region.id == Area.parent_id)
    .outerjoin(CollectionEpisode, (CollectionEpisode.customer_id == Customer.id) & CollectionEpisode.ended_on.is_(None))
    .outerjoin(CollectionCutoff, (CollectionCutoff.customer_id == Customer.id) & CollectionCutoff.ended_at.is_(None))
    .order_by(Customer.id)
)


def policy() -> CollectionPolicy:
    """How this ISP collects; every tenant has the row."""
    row = db.session.get(CollectionPolicy, 1)
    assert row is not None, "a tenant is born with its collection policy"
    return row


def plan() -> Plan:
    """The plan in force with its calendar; without steps while collections are switched off."""
    row = policy()
    return Plan(
        steps=tuple(as_step(step) for step in steps() if step.is_active) if row.is_enabled else (),
        minimum_minor=row.minimum_minor, grace_days=row.grace_days, calendar=calendar(row),
        needs_handover=row.needs_handover, notice_days=row.notice_days, counted_since=row.counted_since,
    )


def suspension_reason() -> SuspensionReason:
    """Why collections suspend, and what that means for the bill."""
    return db.session.get_one(SuspensionReason, policy().suspension_reason_id)


def steps() -> Sequence[CollectionStep]:
    """All steps, in the order of their days."""
    return db.session.scalars(
        select(CollectionStep).order_by(CollectionStep.counted_from, CollectionStep.days, CollectionStep.id)
    ).all()


def as_step(row: CollectionStep) -> Step:
    """A step as the rules see it."""
    return Step(
        id=row.id, name=row.name, action=row.action, days=row.days, counted_from=row.counted_from,
        fee_flat_minor=row.fee_flat_minor, fee_percent=row.fee_percent, repeat_every_days=row.repeat_every_days,
        most_times=row.most_times, template=row.template, channel=row.channel,
    )


def calendar(row: CollectionPolicy) -> Calendar:
    """The days on which nobody is cut off."""
    places: dict[date, set[int | None]] = defaultdict(set)
    for day, area_id in db.session.execute(select(NoCutDay.day, NoCutDay.area_id)):
        places[day].add(area_id)
    return Calendar(
        weekdays=frozenset(map(int, row.no_cut_weekdays)),
        days={day: frozenset(area_ids) for day, area_ids in places.items()},
    )


def account(customer_id: int) -> Account | None:
    """All that collections know of one customer today."""
    return accounts([customer_id]).get(customer_id)


def accounts(customer_ids: Collection[int]) -> dict[int, Account]:
    """All that collections know of some customers today; those who do not exist are left out."""
    today = current.today()
    debts, people = _debts(customer_ids), _people(customer_ids)
    promised, holds = _promises(customer_ids), _holds(customer_ids)
    promises = _grouped((row.customer_id, Span(row.made_on, _promised_until(row), row.note)) for row in promised)
    given = _still_to_keep([row.id for row in promised if row.status == PromiseStatus.OPEN])
    done = _done([row.episode_id for row in people if row.episode_id],
                 [debt.invoice_id for owed in debts.values() for debt in owed])
    found: dict[int, Account] = {}
    for row in people:
        found[row.id] = Account(
            customer_id=row.id, on=today, status=row.status, status_since=row.status_since,
            status_reason=row.status_reason, areas=frozenset(filter(None, (row.area, row.around, row.region))),
            debts=debts.get(row.id, ()), promises=promises.get(row.id, ()), holds=holds.get(row.id, ()),
            cut_by_us_on=row.cut_on, episode_id=row.episode_id, episode_began_on=row.began_on,
            promise=given.get(row.id), done=done.get(row.id, {}),
        )
    return found


def customers(customer_ids: Collection[int]) -> dict[int, Customer]:
    """Some customers, by id."""
    if not customer_ids:
        return {}
    rows = db.session.scalars(select(Customer).where(Customer.id == any_key(customer_ids)).order_by(Customer.id))
    return {customer.id: customer for customer in rows}


def open_episode(customer_id: int) -> CollectionEpisode | None:
    """The running episode of a customer."""
    return db.session.scalars(
        select(CollectionEpisode)
        .where(CollectionEpisode.customer_id == customer_id, CollectionEpisode.ended_on.is_(None))
    ).one_or_none()


def open_cutoff(customer_id: int) -> CollectionCutoff | None:
    """The suspension by collections that a customer is under."""
    return db.session.scalars(
        select(CollectionCutoff).where(CollectionCutoff.customer_id == customer_id, CollectionCutoff.ended_at.is_(None))
    ).one_or_none()


def open_promise(customer_id: int) -> PromiseToPay | None:
    """The promise that a customer has still to keep."""
    return db.session.scalars(
        select(PromiseToPay).where(PromiseToPay.customer_id == customer_id, PromiseToPay.status == PromiseStatus.OPEN)
    ).one_or_none()


def invoice(invoice_id: int) -> Invoice:
    """An invoice by its id. Raises NotFound."""
    row = db.session.get(Invoice, invoice_id)
    if row is None:
        raise NotFound(_("There is no such invoice."))
    return row


def standing(line_id: Any) -> ScalarSelect[int]:
    """What of a line is asked still: less what standing notes about its invoice took back."""
    charged, back, note = aliased(InvoiceLine), aliased(InvoiceLine), aliased(Invoice)
    taken = (
        select(func.coalesce(func.sum(back.net_minor + back.tax_minor), 0)).join(note, note.id == back.invoice_id)
        .where(back.credits_line_id == charged.id, note.corrects_id == charged.invoice_id,
               note.status == InvoiceStatus.ISSUED).correlate(charged).scalar_subquery()
    )
    return select(charged.net_minor + charged.tax_minor + taken).where(charged.id == line_id).scalar_subquery()


def pursued(customer_ids: Collection[int]) -> list[int]:
    """Those for whom anything runs that a payment could end: one statement, for it is asked at each payment."""
    runs = (
        select(CollectionEpisode.customer_id).where(
            CollectionEpisode.customer_id == any_key(customer_ids), CollectionEpisode.ended_on.is_(None)),
        select(CollectionCutoff.customer_id).where(
            CollectionCutoff.customer_id == any_key(customer_ids), CollectionCutoff.ended_at.is_(None)),
        select(PromiseToPay.customer_id).where(
            PromiseToPay.customer_id == any_key(customer_ids), PromiseToPay.status == PromiseStatus.OPEN),
    )
    return sorted(db.session.scalars(union(*runs)))


def _people(customer_ids: Collection[int]) -> Sequence[AnyRow]:
    return db.session.execute(_PEOPLE.where(Customer.id == any_key(customer_ids))).all()


def _debts(customer_ids: Collection[int]) -> dict[int, tuple[Debt, ...]]:
    open_minor = (Invoice.total_minor - payments.ALLOCATED_TO_INVOICE).label("open_minor")
    rows = [row for row in db.session.execute(
        select(Invoice.id, Invoice.customer_id, Invoice.number, Invoice.issued_on, Invoice.due_on, open_minor, _FEES)
        .where(Invoice.customer_id == any_key(customer_ids), IS_OPEN).order_by(Invoice.due_on, Invoice.id)
    ) if row.open_minor > 0]
    if not rows:
        return {}
    invoice_ids = [row.id for row in rows]
    disputes, handed_over = _disputes(invoice_ids), handovers.days(invoice_ids)
    return _grouped((row.customer_id, Debt(
        invoice_id=row.id, number=row.number, issued_on=row.issued_on, due_on=row.due_on,
        open_minor=int(row.open_minor), handed_over_on=handed_over.get(row.id), disputes=disputes.get(row.id, ()),
        fees_minor=int(row.fees_minor),
    )) for row in rows)


def _disputes(invoice_ids: Collection[int]) -> dict[int, tuple[Dispute, ...]]:
    rows = db.session.execute(
        select(DisputeHold.invoice_id, DisputeHold.opened_on, DisputeHold.ends_on, DisputeHold.closed_on,
               func.least(DisputeHold.amount_minor, standing(DisputeHold.line_id)).label("amount_minor"))
        .where(DisputeHold.invoice_id == any_key(invoice_ids)).order_by(DisputeHold.id)
    )
    return _grouped((row.invoice_id, Dispute(row.opened_on, min(row.closed_on or row.ends_on, row.ends_on),
                                             row.amount_minor)) for row in rows)


def _promises(customer_ids: Collection[int]) -> Sequence[PromiseToPay]:
    return db.session.scalars(
        select(PromiseToPay).where(PromiseToPay.customer_id == any_key(customer_ids)).order_by(PromiseToPay.id)
    ).all()


def _still_to_keep(promise_ids: Collection[int]) -> dict[int, OpenPromise]:
    """What is left of open promises, by customer. Money counts that came in since and settles what was due already: it
    keeps no promise where it buys something else, or was reversed.
    """
    if not promise_ids:
        return {}
    paid = (
        select(func.coalesce(func.sum(PaymentAllocation.amount_minor), 0))
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .join(Invoice, Invoice.id == PaymentAllocation.invoice_id)
        .where(Payment.customer_id == PromiseToPay.customer_id, Payment.recorded_at >= PromiseToPay.made_at,
               payments.IS_LIVE, Invoice.due_on < PromiseToPay.made_on)
        .correlate(PromiseToPay).scalar_subquery()
    )
    rows = db.session.execute(
        select(PromiseToPay.customer_id, PromiseToPay.id, PromiseToPay.amount_minor, PromiseToPay.until_on, paid)
        .where(PromiseToPay.id == any_key(promise_ids))
    )
    return {customer_id: OpenPromise(key, amount_minor, until_on, int(paid_minor))
            for customer_id, key, amount_minor, until_on, paid_minor in rows}


def _promised_until(row: PromiseToPay) -> date:
    withdrawn_on = row.decided_on if row.status == PromiseStatus.WITHDRAWN else None
    return withdrawn_on or row.until_on + ONE_DAY


def _holds(customer_ids: Collection[int]) -> dict[int, tuple[Span, ...]]:
    rows = db.session.scalars(
        select(CollectionHold).where(CollectionHold.customer_id == any_key(customer_ids)).order_by(CollectionHold.id)
    )
    return _grouped((row.customer_id, Span(row.from_on, row.lifted_on or row.until_on + timedelta(days=1), row.reason))
                    for row in rows)


def _done(episode_ids: Collection[int], invoice_ids: Collection[int]) -> dict[int, dict[tuple[int, int | None], Done]]:
    """What was done in the running episodes and for the open invoices, by customer; the newest time of each step."""
    if not (episode_ids or invoice_ids):
        return {}
    action = CollectionAction
    columns = (action.customer_id, action.step_id, action.invoice_id, action.occurrence, action.done_on)
    of_invoices = select(*columns).where(action.invoice_id == any_key(invoice_ids))
    of_episodes = select(*columns).where(action.episode_id == any_key(episode_ids), action.invoice_id.is_(None))
    found: dict[int, dict[tuple[int, int | None], Done]] = defaultdict(dict)
    for row in sorted(db.session.execute(of_invoices.union_all(of_episodes)), key=lambda row: row.occurrence):
        found[row.customer_id][row.step_id, row.invoice_id] = Done(row.occurrence, row.done_on)
    return found


def _grouped(pairs: Iterable[tuple[int, Fact]]) -> dict[int, tuple[Fact, ...]]:
    groups: dict[int, list[Fact]] = defaultdict(list)
    for key, fact in pairs:
        groups[key].append(fact)
    return {key: tuple(facts) for key, facts in groups.items()}
