"""Which bill a person must look at before it is issued. Pure; amounts in minor units."""
from __future__ import annotations

from collections.abc import Iterable

from ispbill.billing.charges.policy import Component, UnsafeDraft
from ispbill.billing.invoices.policy import InvoiceDraft
from ispbill.core.i18n import gettext as _


class UnusualAmount(UnsafeDraft):
    """The bill is so high that a person looks at it first, and may let it pass."""


def check_usual(draft: InvoiceDraft, components: Iterable[Component], *, most_times: int) -> None:
    """Raises UnusualAmount for a bill of many times what the customer's full periods cost: it may be a slip of a key.

    With `most_times` zero nothing is checked; who is charged nothing regularly has no usual amount.
    """
    usual_minor = sum(component.full_minor for component in components)
    if most_times and usual_minor and draft.net_minor > most_times * usual_minor:
        times = draft.net_minor // usual_minor
        raise UnusualAmount(_("the bill is %(times)s times the usual amount; %(most_times)s is the most", times=times,
                              most_times=most_times))
