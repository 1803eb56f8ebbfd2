"""Reads what is on record of a suspension, in a number of statements that does not grow with the history."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from ispbill.audit.models import AuditEntry
from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.models import (
    CollectionAction,
    CollectionCutoff,
    CollectionEpisode,
    CollectionHold,
    CollectionStep,
    DisputeHold,
    NoCutDay,
    PromiseStatus,
    PromiseToPay,
)
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.payments.models import Payment
from ispbill.billing.statements import queries as statements
from ispbill.billing.why.policy import Kind
from ispbill.billing.why.suspensions.policy import ByPerson, Considered, Cut, Debt, Facts, Money, Taken
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import word
from ispbill.core.periods import Period
from ispbill.customers.models import Customer

ONE_DAY = timedelta(days=1)
# What came in later than that says nothing about how a suspension ended.
MOST_SHOWN = 20


def cutoff(cutoff_id: int) -> CollectionCutoff | None:
    """A suspension by collections."""
    return db.session.get(CollectionCutoff, cutoff_id)


def by_person(customer: Customer) -> ByPerson | None:
    """Who suspended a customer and why, where a person did and the customer still is."""
    if customer.status != "suspended" or collections.open_cutoff(customer.id) is not None:
        return None
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.entity == "customer", AuditEntry.entity_id == customer.id,
                                 AuditEntry.after["status"].astext == "suspended")
        .order_by(AuditEntry.id.desc()).limit(1)
    ).one_or_none()
    since = datetime.combine(customer.status_since, datetime.min.time(), current.tenant.zone)
    return ByPerson(customer.id, customer.name, entry.created_at if entry else since,
                    entry.actor_name if entry else _("Somebody"), customer.status_reason)


def facts(cut: CollectionCutoff) -> Facts:
    """All that is on record of a suspension by collections."""
    episode = db.session.get_one(CollectionEpisode, cut.episode_id)
    customer = db.session.get_one(Customer, cut.customer_id)
    until = cut.ended_at or current.now()
    debts = _debts(cut)
    return Facts(
        Cut(customer.id, customer.name, cut.cut_at, cut.reason, cut.ended_at, cut.ending, cut.ended_by),
        episode.began_on, episode.ended_on, debts, _taken(cut, [debt.invoice_id for debt in debts]),
        list(_considered(cut.customer_id, since=episode.began_on, until=cut.cut_on)),
        _kept_free(customer, since=episode.began_on, until=cut.cut_on), _money(cut, until),
    )


def _debts(cut: CollectionCutoff) -> list[Debt]:
    owed = statements.owed_at(cut.customer_id, cut.cut_at)
    disputed: dict[int, int] = {}
    rows = db.session.execute(
        select(DisputeHold.invoice_id, DisputeHold.amount_minor)
        .where(DisputeHold.customer_id == cut.customer_id, *_in_force(DisputeHold, cut.cut_on))
    )
    for invoice_id, amount_minor in rows:
        disputed[invoice_id] = disputed.get(invoice_id, 0) + amount_minor
    return [Debt(document.invoice_id, document.number, document.due_on, document.open_minor,
                 min(disputed.get(document.invoice_id, 0), document.open_minor)) for document in owed]


def _in_force(held: type[DisputeHold], on: date) -> tuple[ColumnElement[bool], ...]:
    return held.opened_on <= on, held.ends_on > on, or_(held.closed_on.is_(None), held.closed_on > on)


def _taken(cut: CollectionCutoff, invoice_ids: list[int]) -> list[Taken]:
    """What was done up to the suspension in its episode, and towards the invoices that were open then."""
    action = CollectionAction
    rows = db.session.execute(
        select(CollectionStep.name, action.done_at, Invoice.number, action.fee_minor, action.note, action.message_id)
        .join(CollectionStep, CollectionStep.id == action.step_id)
        .outerjoin(Invoice, Invoice.id == action.invoice_id)
        .where(action.customer_id == cut.customer_id, action.done_at <= cut.cut_at + timedelta(minutes=1),
               or_(action.episode_id == cut.episode_id, action.invoice_id.in_(invoice_ids)))
        .order_by(action.id)
    )
    return [Taken(*row) for row in rows]


def _considered(customer_id: int, *, since: date, until: date) -> Iterator[Considered]:
    """Promises, disputes and holds that were in force on any day from one to another, both included."""
    for promise in _rows(PromiseToPay, customer_id, PromiseToPay.made_on <= until, PromiseToPay.until_on >= since):
        withdrawn_on = promise.decided_on if promise.status == PromiseStatus.WITHDRAWN else None
        yield Considered(_("Promise to pay, %(status)s", status=word(promise.status).lower()),
                         Period(promise.made_on, withdrawn_on or promise.until_on + ONE_DAY), promise.note,
                         promise.granted_by)
    for dispute in _rows(DisputeHold, customer_id, DisputeHold.opened_on <= until, DisputeHold.ends_on > since):
        yield Considered(_("Dispute"), Period(dispute.opened_on, min(dispute.closed_on or dispute.ends_on,
                                                                  dispute.ends_on)), dispute.reason, dispute.opened_by)
    for hold in _rows(CollectionHold, customer_id, CollectionHold.from_on <= until, CollectionHold.until_on >= since):
        yield Considered(_("Hold"), Period(hold.from_on, hold.lifted_on or hold.until_on + ONE_DAY), hold.reason,
                         hold.placed_by)


def _rows(model: Any, customer_id: int, *conditions: ColumnElement[bool]) -> list[Any]:
    statement = select(model).where(model.customer_id == customer_id, *conditions).order_by(model.id)
    return list(db.session.scalars(statement))


def _kept_free(customer: Customer, *, since: date, until: date) -> list[tuple[date, str]]:
    """The single days between on which nobody was cut off where the customer lives; weekdays as they are set now."""
    account = collections.account(customer.id)
    place = account.areas if account else ()
    named = db.session.execute(
        select(NoCutDay.day, NoCutDay.name)
        .where(NoCutDay.day.between(since, until), or_(NoCutDay.area_id.is_(None), NoCutDay.area_id.in_(place)))
    )
    weekdays = frozenset(map(int, collections.policy().no_cut_weekdays))
    week_before = (until - timedelta(days=back) for back in range(7, 0, -1))
    of_week = [(free, _("Every week on this day")) for free in week_before
               if free >= since and free.isoweekday() in weekdays]
    return sorted([*of_week, *((free, name) for free, name in named)])


def _money(cut: CollectionCutoff, until: datetime) -> list[Money]:
    """What came in between the suspension and its end: it is what restores service."""
    paid = db.session.execute(
        select(Payment.number, Payment.recorded_at, Payment.amount_minor, Payment.id)
        .where(Payment.customer_id == cut.customer_id, Payment.recorded_at.between(cut.cut_at, until),
               _stood(Payment.reversed_on, cut)).order_by(Payment.id).limit(MOST_SHOWN)
    )
    noted = db.session.execute(
        select(Invoice.number, Invoice.created_at, -Invoice.total_minor, Invoice.id)
        .where(Invoice.customer_id == cut.customer_id, Invoice.created_at.between(cut.cut_at, until),
               Invoice.kind == DocumentKind.CREDIT_NOTE, _stood(Invoice.voided_on, cut))
        .order_by(Invoice.id).limit(MOST_SHOWN)
    )
    return [*(Money(number, at, minor, Kind.PAYMENT, key) for number, at, minor, key in paid),
            *(Money(number, at, minor, Kind.INVOICE, key) for number, at, minor, key in noted)]


def _stood(taken_back_on: InstrumentedAttribute[date | None], cut: CollectionCutoff) -> ColumnElement[bool]:
    """Whether money stood when the suspension ended, whatever became of it since; where it still holds, stands now."""
    if cut.ended_at is None:
        return taken_back_on.is_(None)
    return or_(taken_back_on.is_(None), taken_back_on >= cut.ended_at.astimezone(current.tenant.zone).date())
