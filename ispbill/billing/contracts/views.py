"""The part of a subscription's page that tells its contract."""
from __future__ import annotations

from flask import Blueprint, render_template
from markupsafe import Markup

from ispbill.billing.contracts import queries
from ispbill.core.current import current

blueprint = Blueprint("agreed_contracts", __name__, template_folder="templates")

def subscription_panel(subscription_id: int) -> Markup:
    """Panel of a subscription's page: until when it is promised, and what leaving today would cost."""
    contract, today = queries.of_subscription(subscription_id), current.today()
    return Markup(render_template(
        "agreed_contracts/_of_subscription.html", contract=contract, today=today,
        fee_minor=queries.fee_of(contract, ended_on=today) if contract else 0,
    ))
