"""Verbs of dunning: pursue customers each morning, give service back at once. Every step is a row before it is an act.

Cutting off is done in the morning only, giving back whenever facts change; both ask the same entitlement. What a person
suspended is left alone: collections end only what they began, which an open cutoff says. A chunk is done in a constant
number of statements and some for whoever is cut off, restored or parted with; where it fails, it is done one by one.
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import DataError, IntegrityError

from ispbill.billing.collections import queries
from ispbill.billing.collections.dunning import letters
from ispbill.billing.collections.dunning.policy import due_steps
from ispbill.billing.collections.entitlement.policy import Entitlement
from ispbill.billing.collections.entitlement.queries import owes_nothing_that_cuts, verdict_on
from ispbill.billing.collections.episodes import service as episodes
from ispbill.billing.collections.fees import service as fees
from ispbill.billing.collections.models import (
    CollectionAction,
    CollectionCutoff,
    CollectionHold,
    CutoffEnd,
    PromiseStatus,
)
from ispbill.billing.collections.policy import Account, Action, By, DueStep, Plan
from ispbill.billing.ledger import service as ledger
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, DomainError
from ispbill.core.i18n import gettext as _
from ispbill.customers import service as customers
from ispbill.customers.duplicates.service import CustomersMerged
from ispbill.customers.models import Customer
from ispbill.customers.service import CustomerActivated, CustomerTerminated
from ispbill.notifications import service as messages
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as subscription_verbs
from ispbill.subscriptions.models import SubscriptionStatus

# Whoever is given service back by hand while owing keeps it this long; a promise or a hold says otherwise.
RESTORED_BY_HAND_DAYS = 3
_TROUBLES = (DomainError, IntegrityError, DataError)


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
        self.troubled += other.troubled


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that is taken, and what the customer is told. One taken before in this episode is not recorded anew."""

    account: Account
    due: DueStep
    episode_id: int | None
    letter: letters.Letter
    is_new: bool = True


def pursue(customer_ids: Sequence[int]) -> Round:
    """Take every step that is due today towards these customers; what fails for one is noted and the others go on."""
    ledger.hold_accounts(customer_ids)
    return _all_or_each(list(queries.accounts(customer_ids).values()), queries.plan(), _pursue)


def reconsider(customer_ids: Collection[int]) -> None:
    """Give back at once what facts allow: after a payment, a credit, a void, a promise, a dispute, a hold.

    Never cuts off. What could not be given back is noted and tried again in the morning: the payment stands.
    """
    pursued = queries.pursued(customer_ids)
    if pursued:
        ledger.hold_accounts(pursued)
        _all_or_each(list(queries.accounts(pursued).values()), queries.plan(), _give_back)


def cut_off(customer_id: int) -> None:
    """Cut a customer off now, as the morning would. Raises Conflict unless the entitlement says so."""
    account, plan = _held(customer_id)
    verdict = verdict_on(account, plan)
    if account.status != "active" or verdict.may_be_online:
        raise Conflict(_("There is nothing to cut off. %(trace)s", trace=verdict.trace[-1]))
    _record(_cut([account], plan, episodes.follow([account], plan)))


def restore(customer_id: int) -> Customer:
    """Give service back to who owes nothing that keeps it off, whoever suspended them. Raises Conflict otherwise."""
    account, plan = _held(customer_id)
    if account.status != "suspended" or not owes_nothing_that_cuts(account, plan):
        raise Conflict(_("There is nothing to restore: the customer is served, or owes what keeps the service off."))
    _end_cutoff(customer_id, CutoffEnd.RESTORED)
    return customers.restore(db.session.get_one(Customer, customer_id), reason="Nothing that is owed keeps it off")


def follow_activation(event: CustomerActivated) -> None:
    """Close a suspension that a person ended; who still owes is left alone for three days, as a hold that says so."""
    if event.before != "suspended" or _end_cutoff(event.customer_id, CutoffEnd.BY_PERSON) is None:
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


def _all_or_each(accounts: list[Account], plan: Plan, act: Callable[[list[Account], Plan], Round]) -> Round:
    """Do all at once; where that fails, one by one, and note with each whom it fails for."""
    try:
        with db.session.begin_nested():
            return act(accounts, plan)
    except _TROUBLES:
        return _each(accounts, plan, act)


def _each(accounts: list[Account], plan: Plan, act: Callable[[list[Account], Plan], Round]) -> Round:
    done = Round()
    for account in accounts:
        try:
            with db.session.begin_nested():
                done.add(act([account], plan))
        except _TROUBLES as error:
            done.troubled += 1
            reason = error.message if isinstance(error, DomainError) else str(error.orig).splitlines()[0]
            episodes.note_trouble(account, plan, reason)
    return done


def _pursue(accounts: list[Account], plan: Plan) -> Round:
    running = episodes.follow(accounts, plan)
    verdicts = {account.customer_id: verdict_on(account, plan) for account in accounts}
    restored = _restore_entitled(accounts, verdicts, plan)
    to_cut = [account for account in accounts if plan.steps and account.status == "active"
              and not verdicts[account.customer_id].may_be_online]
    due = [(account, step) for account in accounts for step in due_steps(account, plan)]
    taken = _cut(to_cut, plan, running) + _take(due, running)
    _record(taken)
    return Round(actions=len(due), cut=len(to_cut), restored=restored)


def _give_back(accounts: list[Account], plan: Plan) -> Round:
    episodes.follow(accounts, plan)
    verdicts = {account.customer_id: verdict_on(account, plan) for account in accounts}
    return Round(restored=_restore_entitled(accounts, verdicts, plan))


def _restore_entitled(accounts: list[Account], verdicts: Mapping[int, Entitlement], plan: Plan) -> int:
    entitled = [account.customer_id for account in accounts
                if account.cut_by_us_on is not None and verdicts[account.customer_id].may_be_online]
    drafts, step = [], plan.step(Action.SUSPEND)
    for customer in queries.customers(entitled).values():
        cutoff = _end_cutoff(customer.id, CutoffEnd.RESTORED)
        assert cutoff is not None, "an account that collections cut off has an open cutoff"
        customers.restore(customer, reason=f"Collections: {verdicts[customer.id].trace[-1]}")
        drafts.append(letters.of_restoring(customer, cutoff.id, channel=step.channel if step else By.EMAIL).draft)
    messages.queue_all([draft for draft in drafts if draft is not None])
    return len(entitled)


def _cut(accounts: list[Account], plan: Plan, running: Mapping[int, int]) -> list[Taken]:
    """Cut off; after a broken promise, for one, the step was taken in this episode before."""
    step, named = plan.step(Action.SUSPEND), queries.customers([account.customer_id for account in accounts])
    because, taken = queries.suspension_reason(), []
    for account in accounts:
        assert step is not None, "a step of the plan cuts off"
        customer, verdict = named[account.customer_id], verdict_on(account, plan)
        customers.suspend(customer, reason=verdict.trace[0], because=because)
        cutoff = CollectionCutoff(
            customer_id=customer.id, episode_id=running[customer.id], cut_on=account.on, cut_at=current.now(),
            reason=" ".join(verdict.trace),
        )
        db.session.add(cutoff)
        db.session.flush()
        letter = letters.of_cutoff(customer, cutoff, account, step=step)
        is_new = (step.id, None) not in account.done
        taken.append(Taken(account, DueStep(step, None, 1), running[customer.id], letter, is_new))
    return taken


def _take(due: list[tuple[Account, DueStep]], running: Mapping[int, int]) -> list[Taken]:
    named, taken = queries.customers({account.customer_id for account, _ in due}), []
    for account, step in due:
        customer, episode_id = named[account.customer_id], running.get(account.customer_id)
        if step.step.action == Action.TERMINATE:
            _terminate(customer)
        taken.append(Taken(account, step, episode_id, letters.of_step(customer, step, account, episode_id=episode_id)))
    return taken


def _record(taken: list[Taken]) -> None:
    """Write down what was done, what it charges, and what is told of it."""
    sent = messages.queue_all([step.letter.draft for step in taken if step.letter.draft is not None])
    fresh = [step for step in taken if step.is_new]
    charging = [step for step in fresh if step.due.fee_minor]
    charge_ids = dict(zip(map(id, charging), fees.charge([(step.account, step.due) for step in charging]), strict=True))
    db.session.add_all([
        CollectionAction(
            customer_id=step.account.customer_id, step_id=step.due.step.id, episode_id=step.episode_id,
            invoice_id=step.due.invoice_id, occurrence=step.due.occurrence, done_on=step.account.on,
            done_at=current.now(), note=step.letter.note, fee_minor=step.due.fee_minor,
            message_id=sent.get(step.letter.draft.unique_key) if step.letter.draft else None,
            charge_id=charge_ids.get(id(step)), is_by_hand=step.letter.is_by_hand,
        ) for step in fresh
    ])
    db.session.flush()


def _terminate(customer: Customer) -> None:
    """End what runs, then part: what is billed is served, so a subscription that is still served refuses."""
    for status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED):
        for subscription in subscriptions.of_customer(customer.id, status=status):
            subscription_verbs.end(subscription, reason="Collections: unpaid")
    customers.terminate(customer, reason="Collections: unpaid")


def _held(customer_id: int) -> tuple[Account, Plan]:
    ledger.hold_account(customer_id)
    account = queries.account(customer_id)
    assert account is not None, "whose account is held exists"
    return account, queries.plan()


def _end_cutoff(customer_id: int, ending: CutoffEnd) -> CollectionCutoff | None:
    cutoff = queries.open_cutoff(customer_id)
    if cutoff is not None:
        cutoff.ended_at, cutoff.ending, cutoff.ended_by = current.now(), ending, current.actor.name
        db.session.flush()
    return cutoff
