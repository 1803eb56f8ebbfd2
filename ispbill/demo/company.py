"""A company of the demo while its months are played: who it is, who works there, who its subscribers will be."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ispbill.core.current import Actor, TenantRef
from ispbill.demo.population import Span, Subscriber
from ispbill.demo.scripts import CompanyScript

_PROOF, _OPENING, _CLOSING = time(4), time(9), time(17)


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """What every part of the play needs to know of a company."""

    script: CompanyScript
    tenant: TenantRef
    span: Span
    staff: dict[str, Actor]
    population: list[Subscriber]

    @property
    def falls_silent_on(self) -> date:
        """From when on those do not pay who will not."""
        return self.span.first_on + timedelta(days=40)

    @property
    def old_people(self) -> list[Subscriber]:
        """Those served before the first day."""
        return [person for person in self.population if person.known_since < self.span.first_on]

    def midnight(self, day: date) -> datetime:
        """Ten past midnight by the company's clock: its day of billing has begun."""
        return datetime.combine(day, time(0, 10), self.tenant.zone)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """From when to when, half-open, what is done counts for a day."""
        return self.midnight(day), self.midnight(day + timedelta(days=1))

    def proof(self, day: date) -> datetime:
        """When its books are checked."""
        return datetime.combine(day, _PROOF, self.tenant.zone)

    def opening(self, day: date) -> datetime:
        """When the office opens."""
        return datetime.combine(day, _OPENING, self.tenant.zone)

    def closing(self, day: date) -> datetime:
        """When the office closes."""
        return datetime.combine(day, _CLOSING, self.tenant.zone)
