"""The verb that sells a bundle. The subscription keeps plans and prices, whatever becomes of the bundle."""
from __future__ import annotations

from ispbill.catalogue.bundles.models import Bundle, BundleStatus
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _
from ispbill.customers.models import Customer
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Installation, Subscription
from ispbill.subscriptions.policy import Start


def sell(
    bundle: Bundle, *, customer: Customer, start: Start, installation: Installation | None = None
) -> Subscription:
    """Subscribe a customer to all plans of a bundle at once.

    Raises Conflict for a bundle that is retired, and what `subscribe` raises.
    """
    if bundle.status != BundleStatus.ACTIVE:
        raise Conflict(_("%(name)s is retired; nobody can take it any more.", name=bundle.name), field="bundle_id")
    plans = [(part.plan, part.quantity, part.unit_price_minor) for part in bundle.parts]
    return subscriptions.subscribe(
        customer, plans=plans, start=start, installation=installation
    )
