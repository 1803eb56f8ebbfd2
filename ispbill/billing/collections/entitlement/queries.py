"""The verdict on a customer and on each of their lines, with the facts read for it."""
from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.entitlement.policy import Entitlement, Line, entitlement, of_line
from ispbill.billing.collections.policy import Account, Plan
from ispbill.billing.prepaid import queries as prepaid
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.pauses import queries as pauses
from ispbill.subscriptions.queries import SubscriptionFilter


class LineVerdict(NamedTuple):
    """A line, and whether it may be online."""

    line: Line
    verdict: Entitlement


def verdict(customer_id: int) -> Entitlement | None:
    """Whether a customer may be online today, and why; None where there is no such customer."""
    account = collections.account(customer_id)
    return verdict_on(account, collections.plan()) if account else None


def verdict_on(account: Account, plan: Plan) -> Entitlement:
    """The verdict on facts that were read, in the tenant's currency."""
    return entitlement(account, plan, currency=current.tenant.currency)


def lines(customer_id: int, verdict: Entitlement) -> list[LineVerdict]:
    """Each line of a customer, and whether it may be online now under the verdict on the customer."""
    return [
        LineVerdict(line, of_line(verdict, line, now=current.now(), on=current.today()))
        for line in (*_postpaid(customer_id), *_prepaid(customer_id))
    ]


def owes_nothing_that_cuts(account: Account, plan: Plan) -> bool:
    """Whether a customer could be online as far as money goes, whoever suspended them."""
    judged = replace(account, status="suspended", cut_by_us_on=account.cut_by_us_on or account.status_since)
    return verdict_on(judged, plan).may_be_online


def _postpaid(customer_id: int) -> list[Line]:
    rows = db.session.execute(
        subscriptions.listing(SubscriptionFilter(customer_id=customer_id)).order_by(Subscription.id)
    )
    stops = pauses.of_customer(customer_id)
    return [Line("postpaid", row.id, row.plan_names or _("The subscription"), row.status, row.start_on, row.end_on,
                 pauses=stops.get(row.id, ())) for row in rows]


def _prepaid(customer_id: int) -> list[Line]:
    zone = current.tenant.zone
    return [
        Line("prepaid", row.id, row.plan_name, row.status, row.created_at.astimezone(zone).date(),
             expires_at=row.expires_at.astimezone(zone))
        for row in prepaid.of_customer(customer_id) if row.status != "cancelled"
    ]
