"""The card of a customer's services."""
from __future__ import annotations

from datetime import timedelta

from flask import render_template
from markupsafe import Markup

from ispbill.billing.prepaid.policy import in_days
from ispbill.billing.prepaid.services import queries
from ispbill.core.current import current


def customer_panel(customer_id: int) -> Markup:
    """What a customer is served at each line, on the customer's page: the next bill, or the time left."""
    return Markup(render_template("prepaid/_services.html", services=queries.of_customer(customer_id),
                                  customer_id=customer_id, now=current.now(), rough=_rough))


def _rough(left: timedelta) -> str:
    """Time left as a glance needs it: minutes matter on the last day only."""
    return in_days(left - left % timedelta(hours=1) if left >= timedelta(days=1) else left)
