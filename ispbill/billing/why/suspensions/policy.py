"""From what is on record of a suspension to the steps that explain it. Pure; amounts in minor units."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from ispbill.billing.why.policy import Fact, Kind, Manner, Step, Topic, day, days, instant
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.core.periods import Period


class Cut(NamedTuple):
    """When collections cut a customer off, what for, and how that ended."""

    customer_id: int
    name: str
    at: datetime
    reason: str
    ended_at: datetime | None
    ending: str | None
    ended_by: str


class Debt(NamedTuple):
    """An invoice that was open at that moment."""

    invoice_id: int
    number: str
    due_on: date
    open_minor: int
    disputed_minor: int


class Taken(NamedTuple):
    """A step that was taken in the episode: towards one invoice, or all; what it charged, or why nothing was sent."""

    name: str
    at: datetime
    number: str | None
    fee_minor: int
    note: str
    message_id: int | None


class Considered(NamedTuple):
    """Something that held the steps off for some days, and who said so."""

    label: str
    period: Period
    words: str
    by: str


class Money(NamedTuple):
    """What came in after the suspension: a payment or a credit note."""

    number: str
    at: datetime
    amount_minor: int
    kind: Kind
    id: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is on record of a suspension by collections. `kept_free` are days on which nobody was cut off."""

    cut: Cut
    began_on: date
    ended_on: date | None
    debts: Sequence[Debt]
    taken: Sequence[Taken]
    considered: Sequence[Considered]
    kept_free: Sequence[tuple[date, str]]
    money: Sequence[Money]


class ByPerson(NamedTuple):
    """A suspension that a person began."""

    customer_id: int
    name: str
    at: datetime
    by: str
    reason: str


_ENDINGS = {
    "restored": lazy("Service was restored on %(at)s"), "by_person": lazy("A person restored the service on %(at)s"),
    "terminated": lazy("The customer left on %(at)s"),
}


def trace(facts: Facts, manner: Manner) -> list[Step]:
    """The steps that led to a suspension by collections, and what ended it."""
    cut, owed_minor = facts.cut, sum(debt.open_minor for debt in facts.debts)
    owed = _("%(amount)s was open then", amount=format_money(owed_minor, manner.currency))
    return [
        Step(Topic.VERDICT, _("Cut off on %(at)s", at=instant(cut.at, manner)), [
            Fact(_("Customer"), cut.name, Kind.CUSTOMER, cut.customer_id), Fact(_("The reasoning then"), cut.reason),
            Fact(_("Done by"), _("Collections, by the plan of steps")),
        ]),
        _episode(facts),
        Step(Topic.DEBT, owed, [_debt(debt, manner) for debt in facts.debts]),
        Step(Topic.ACTION, _("Steps taken until now"), [_taken(taken, manner) for taken in facts.taken]),
        Step(Topic.CONSIDERED, _("What could have held it off"), _considered(facts)),
        _ending(facts, manner),
    ]


def trace_of_person(known: ByPerson, manner: Manner) -> list[Step]:
    """The same of a suspension that a person began: collections do not end it."""
    return [Step(Topic.VERDICT, _("Suspended on %(at)s", at=instant(known.at, manner)), [
        Fact(_("Customer"), known.name, Kind.CUSTOMER, known.customer_id), Fact(_("Done by"), known.by),
        Fact(_("Because"), known.reason or _("No reason is noted")),
        Fact(_("How it ends"), _("A person activates the customer; a payment alone does not")),
    ])]


def _episode(facts: Facts) -> Step:
    known = [Fact(_("Overdue since"), day(facts.began_on))]
    if facts.ended_on:
        known.append(Fact(_("Nothing was overdue any more"), day(facts.ended_on)))
    return Step(Topic.EPISODE, _("Overdue since %(day)s", day=day(facts.began_on)), known)


def _debt(debt: Debt, manner: Manner) -> Fact:
    words = _("%(amount)s, due %(day)s", amount=format_money(debt.open_minor, manner.currency), day=day(debt.due_on))
    if debt.disputed_minor:
        disputed = format_money(debt.disputed_minor, manner.currency)
        words = f"{words}; {_('%(amount)s of it disputed', amount=disputed)}"
    return Fact(debt.number, words, Kind.INVOICE, debt.invoice_id)


def _taken(taken: Taken, manner: Manner) -> Fact:
    fee = format_money(taken.fee_minor, manner.currency)
    words = [instant(taken.at, manner), _("for %(number)s", number=taken.number) if taken.number else "",
             _("fee of %(amount)s", amount=fee) if taken.fee_minor else "", taken.note]
    kind = Kind.MESSAGE if taken.message_id else None
    return Fact(taken.name, " · ".join(filter(None, words)), kind, taken.message_id)


def _considered(facts: Facts) -> list[Fact]:
    found = [Fact(held.label, f"{days(*held.period)}: {' · '.join(filter(None, (held.words, held.by)))}")
             for held in facts.considered]
    found += [Fact(_("Nobody is cut off"), f"{day(free)}: {name}") for free, name in facts.kept_free]
    return found or [Fact(_("Nothing"), _("No promise, dispute, hold or day that is kept free"))]


def _ending(facts: Facts, manner: Manner) -> Step:
    cut = facts.cut
    money = [Fact(came.number, f"{format_money(came.amount_minor, manner.currency)}, {instant(came.at, manner)}",
                  came.kind, came.id) for came in facts.money]
    if cut.ended_at is None or cut.ending is None:
        return Step(Topic.ENDING, _("It still holds"), money)
    return Step(Topic.ENDING, str(_ENDINGS[cut.ending]) % {"at": instant(cut.ended_at, manner)},
                [Fact(_("By"), cut.ended_by), *money])
