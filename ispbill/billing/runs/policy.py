"""Which bill a person must look at before it is issued, and what bills come to. Pure; amounts in minor units."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ispbill.billing.charges.policy import Component, UnsafeDraft
from ispbill.billing.invoices.policy import InvoiceDraft
from ispbill.core.i18n import gettext as _


class UnusualAmount(UnsafeDraft):
    """The bill is so high that a person looks at it first, and may let it pass."""


@dataclass(slots=True)
class Outcome:
    """What billing some customers came to."""

    subscriptions: int = 0
    invoices: int = 0
    lines: int = 0
    total_minor: int = 0
    parked: dict[int, str] = field(default_factory=dict)
    unusual: set[int] = field(default_factory=set)

    def count(self, drafts: Iterable[InvoiceDraft]) -> None:
        """Add bills; one without lines only moves its subscriptions on."""
        for draft in drafts:
            self.invoices += bool(draft.lines)
            self.subscriptions += len({step.subscription_id for step in draft.advances})
            self.lines += len(draft.lines)
            self.total_minor += draft.total_minor


def check_usual(draft: InvoiceDraft, components: Iterable[Component], *, most_times: int) -> None:
    """Raises UnusualAmount for a bill of many times what the customer's full periods cost: it may be a slip of a key.

    With `most_times` zero nothing is checked; who is charged nothing regularly has no usual amount.
    """
    usual_minor = sum(component.full_minor for component in components)
    if most_times and usual_minor and draft.net_minor > most_times * usual_minor:
        times = draft.net_minor // usual_minor
        raise UnusualAmount(_("the bill is %(times)s times the usual amount; %(most_times)s is the most", times=times,
                              most_times=most_times))
