"""Verbs of dunning: pursue customers each morning, give service back at once. Every step is a row before it is an act.

Cutting off is done in the morning only, giving back whenever facts change; both ask the same entitlement. What a person
suspended is left alone: collections end only what they began, which an open cutoff says.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError

from ispbill.billing.collections import queries
from ispbill.billing.collections.dunning import letters
from ispbill.billing.collections.dunning.policy import DueStep, due_steps, first_overdue_day
from ispbill.billing.collections.entitlement.policy import Entitlement
from ispbill.billing.collections.entitlement.queries import owes_nothing_that_cuts, verdict_on
from ispbill.billing.collections.models import (
    CollectionAction,
    CollectionCutoff,
    CollectionEpisode,
    CollectionHold,
    CutoffEnd,
    PromiseStatus,
)
from ispbill.billing.collections.policy import Account, Action, Plan
from ispbill.billing.ledger import service as ledger
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, DomainError, Invalid
from ispbill.customers import service as customers
from ispbill.customers.duplicates.service import CustomersMerged
from ispbill.customers.models import Customer
from ispbill.customers.service import CustomerActivated, CustomerTerminated
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as subscription_verbs
from ispbill.subscriptions.models import SubscriptionStatus

# Whoever is given service back by hand while owing keeps it this long; a promise or a hold says otherwise.
RESTORED_BY_HAND_DAYS = 3


@dataclass(slots=True)
class Round:
    """What pursuing some customers came to."""

    actions: int = 0
    cut: int = 0
    restored: int = 0
    troubled: int = 0

    def add(self, other: Round) -> None:
        """Count what pursuing others came to."""
        self.actions += other.actions
        self.cut += other.cut
        self.restored += other.restored


def pursue(customer_ids: Sequence[int]) -> Round:
    """Take every step that is due today towards these customers; what fails for one is noted and the others go on."""
    ledger.hold_accounts(customer_ids)
    plan, done = queries.plan(), Round()
    for account in queries.accounts(customer_ids).values():
        try:
            with db.session.begin_nested():
                done.add(_pursue(account, plan))
        except (DomainError, IntegrityError, DataError) as error:
            done.troubled += 1
            _note_trouble(account, plan, error)
    return done


def reconsider(customer_id: int) -> None:
    """Give back at once what facts allow: after a payment, a void, a promise, a dispute, a hold. Never cuts off."""
    if queries.is_pursued(customer_id):
        ledger.hold_account(customer_id)
        account, plan = queries.account(customer_id), queries.plan()
        assert account is not None, "whose account is held exists"
        _follow_episode(account, plan)
        _restore_if_entitled(account, verdict_on(account, plan))


def cut_off(customer_id: int) -> CollectionCutoff:
    """Cut a customer off now, as the morning would. Raises Conflict unless the entitlement says so."""
    ledger.hold_account(customer_id)
    account, plan = queries.account(customer_id), queries.plan()
    assert account is not None, "whose account is held exists"
    verdict = verdict_on(account, plan)
    if account.status != "active" or verdict.may_be_online:
        raise Conflict(f"There is nothing to cut off. {verdict.trace[-1]}")
    return _cut(account, plan, _follow_episode(account, plan), verdict)


def restore(customer_id: int) -> Customer:
    """Give service back to who owes nothing that keeps it off, whoever suspended them. Raises Conflict otherwise."""
    ledger.hold_account(customer_id)
    account, plan = queries.account(customer_id), queries.plan()
    assert account is not None, "whose account is held exists"
    if account.status != "suspended" or not owes_nothing_that_cuts(account, plan):
        raise Conflict("There is nothing to restore: the customer is served, or owes what keeps the service off.")
    _end_cutoff(customer_id, CutoffEnd.RESTORED)
    return customers.restore(db.session.get_one(Customer, customer_id), reason="Nothing that is owed keeps it off")


def follow_activation(event: CustomerActivated) -> None:
    """Close a suspension that a person ended; who still owes is left alone for three days, as a hold that says so."""
    if _end_cutoff(event.customer_id, CutoffEnd.BY_PERSON) is None:
        return
    account = queries.account(event.customer_id)
    assert account is not None, "who was activated exists"
    if not verdict_on(account, queries.plan()).may_be_online:
        db.session.add(CollectionHold(
            customer_id=event.customer_id, reason=event.reason.strip() or "Service was restored by hand",
            from_on=account.on, until_on=account.on + timedelta(days=RESTORED_BY_HAND_DAYS - 1),
            placed_by=current.actor.name,
        ))
        db.session.flush()


def follow_termination(event: CustomerTerminated) -> None:
    """Close the suspension of a customer who leaves."""
    _end_cutoff(event.customer_id, CutoffEnd.TERMINATED)


def follow_merge(event: CustomersMerged) -> None:
    """Close what runs towards a customer who is merged into another: the kept one is pursued by what then is owed."""
    today = current.today()
    _end_cutoff(event.merged_id, CutoffEnd.TERMINATED)
    episode, promise = queries.open_episode(event.merged_id), queries.open_promise(event.merged_id)
    if episode is not None:
        episode.ended_on = max(today, episode.began_on)
    if promise is not None:
        promise.status, promise.decided_on = PromiseStatus.WITHDRAWN, today
    db.session.flush()


def waive_fee(action: CollectionAction, *, reason: str) -> CollectionAction:
    """Let a late fee go. Raises Invalid without a reason, Conflict where there is no fee or it is waived already."""
    if not reason.strip():
        raise Invalid("Say why: the record keeps it.", field="reason")
    db.session.refresh(action, ["waived_at", "fee_minor"], with_for_update=True)
    if not action.fee_minor or action.waived_at is not None:
        raise Conflict("There is no fee here that could be waived.")
    action.waived_at, action.waived_by, action.waive_reason = current.now(), current.actor.name, reason.strip()
    db.session.flush()
    return action


def _pursue(account: Account, plan: Plan) -> Round:
    done, verdict = Round(), verdict_on(account, plan)
    episode = _follow_episode(account, plan)
    if _restore_if_entitled(account, verdict):
        done.restored += 1
    elif plan.steps and account.status == "active" and not verdict.may_be_online:
        _cut(account, plan, episode, verdict)
        done.cut += 1
    for step in due_steps(account, plan):
        _take(step, account, episode)
        done.actions += 1
    return done


def _follow_episode(account: Account, plan: Plan) -> CollectionEpisode | None:
    """Begin or end the customer's episode as the facts say, and settle what was promised; the one that runs, if any."""
    began_on = first_overdue_day(account, plan)
    _settle_promises(account, paid_up=began_on is None)
    episode = queries.open_episode(account.customer_id)
    if episode is None and began_on is not None:
        episode = CollectionEpisode(customer_id=account.customer_id, began_on=began_on)
        db.session.add(episode)
    elif episode is not None and began_on is None:
        episode.ended_on, episode.trouble = max(account.on, episode.began_on), ""
        db.session.flush()
        return None
    elif episode is not None:
        episode.trouble = ""
    db.session.flush()
    return episode


def _settle_promises(account: Account, *, paid_up: bool) -> None:
    promise = queries.open_promise(account.customer_id)
    if promise is None:
        return
    if paid_up or queries.paid_since(account.customer_id, promise.made_at) >= promise.amount_minor:
        promise.status, promise.decided_on = PromiseStatus.KEPT, account.on
    elif promise.until_on < account.on:
        promise.status, promise.decided_on = PromiseStatus.BROKEN, account.on


def _restore_if_entitled(account: Account, verdict: Entitlement) -> bool:
    if account.cut_by_us_on is None or not verdict.may_be_online:
        return False
    cutoff = _end_cutoff(account.customer_id, CutoffEnd.RESTORED)
    assert cutoff is not None, "an account that collections cut off has an open cutoff"
    reason = f"Collections: {verdict.trace[-1]}"
    customer = customers.restore(db.session.get_one(Customer, account.customer_id), reason=reason)
    letters.tell_restored(customer, cutoff)
    return True


def _cut(
    account: Account, plan: Plan, episode: CollectionEpisode | None, verdict: Entitlement
) -> CollectionCutoff:
    assert episode is not None, "who is cut off is overdue"
    customer = db.session.get_one(Customer, account.customer_id)
    customers.suspend(customer, reason=f"Collections: {verdict.trace[0]}")
    cutoff = CollectionCutoff(
        customer_id=account.customer_id, episode_id=episode.id, cut_on=account.on, cut_at=current.now(),
        reason=" ".join(verdict.trace),
    )
    db.session.add(cutoff)
    db.session.flush()
    step = plan.step(Action.SUSPEND)
    assert step is not None, "a step of the plan cuts off"
    message = letters.tell_cut_off(customer, cutoff, account, template=step.template)
    if (step.id, None) not in account.done:
        _record(DueStep(step, None, 1), account, episode, message)
    return cutoff


def _take(due: DueStep, account: Account, episode: CollectionEpisode | None) -> None:
    customer = db.session.get_one(Customer, account.customer_id)
    if due.step.action == Action.TERMINATE:
        _terminate(customer)
    message = letters.tell_step(customer, due, account, episode_id=episode.id if episode else 0)
    _record(due, account, episode, message)


def _record(
    due: DueStep, account: Account, episode: CollectionEpisode | None, message: letters.Sent
) -> None:
    db.session.add(CollectionAction(
        customer_id=account.customer_id, step_id=due.step.id, episode_id=episode.id if episode else None,
        invoice_id=due.invoice_id, occurrence=due.occurrence, done_on=account.on, done_at=current.now(),
        message_id=message.message_id, note=message.note, fee_minor=due.fee_minor,
    ))
    db.session.flush()


def _terminate(customer: Customer) -> None:
    """End what runs, then part: what is billed is served, so a subscription that is still served refuses."""
    for status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED):
        for subscription in subscriptions.of_customer(customer.id, status=status):
            subscription_verbs.end(subscription, reason="Collections: unpaid")
    customers.terminate(customer, reason="Collections: unpaid")


def _end_cutoff(customer_id: int, ending: CutoffEnd) -> CollectionCutoff | None:
    cutoff = queries.open_cutoff(customer_id)
    if cutoff is not None:
        cutoff.ended_at, cutoff.ending, cutoff.ended_by = current.now(), ending, current.actor.name
        db.session.flush()
    return cutoff


def _note_trouble(account: Account, plan: Plan, error: Exception) -> None:
    reason = error.message if isinstance(error, DomainError) else str(getattr(error, "orig", error)).splitlines()[0]
    began_on = first_overdue_day(account, plan)
    if began_on is not None:
        statement = insert(CollectionEpisode).values(
            customer_id=account.customer_id, began_on=account.episode_began_on or began_on, trouble=reason[:500]
        )
        db.session.execute(statement.on_conflict_do_update(
            index_elements=["customer_id"], index_where=CollectionEpisode.ended_on.is_(None),
            set_={"trouble": statement.excluded.trouble},
        ))
