"""The verdict on a customer, with the facts read for it."""
from __future__ import annotations

from dataclasses import replace

from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.entitlement.policy import Entitlement, entitlement
from ispbill.billing.collections.policy import Account, Plan
from ispbill.core.current import current


def verdict(customer_id: int) -> Entitlement | None:
    """Whether a customer may be online today, and why; None where there is no such customer."""
    account = collections.account(customer_id)
    return verdict_on(account, collections.plan()) if account else None


def verdict_on(account: Account, plan: Plan) -> Entitlement:
    """The verdict on facts that were read, in the tenant's currency."""
    return entitlement(account, plan, currency=current.tenant.currency)


def owes_nothing_that_cuts(account: Account, plan: Plan) -> bool:
    """Whether a customer could be online as far as money goes, whoever suspended them."""
    return verdict_on(replace(account, status="active"), plan).may_be_online
