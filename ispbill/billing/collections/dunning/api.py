"""Cutting off, giving back and letting a late fee go, as JSON; each answers with the customer's account."""
from __future__ import annotations

from typing import Any

from ispbill.billing.collections.dunning import service as dunning
from ispbill.billing.collections.fees import queries as fee_reads
from ispbill.billing.collections.fees import service as fees
from ispbill.billing.collections.overdue.api import CollectionsAccount, told
from ispbill.billing.collections.overdue.api import blueprint as blueprint
from ispbill.core.db import db
from ispbill.customers import queries as customers
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.resources import once
from ispbill.web.rest.schemas import Reason

_NONE = "There is no such customer."


@blueprint.post("/customers/<int:customer_id>/cut-off")
@requires("suspend_service")
@once()
@blueprint.response(200, CollectionsAccount)
def cut_off(customer_id: int) -> dict[str, Any]:
    """Cut off now who is to be cut off by the plan, instead of in the morning."""
    found(customers.get(customer_id), _NONE)
    dunning.cut_off(customer_id)
    return _told(customer_id)


@blueprint.post("/customers/<int:customer_id>/restore")
@requires("restore_service")
@once()
@blueprint.response(200, CollectionsAccount)
def restore(customer_id: int) -> dict[str, Any]:
    """Give service back to who owes nothing that keeps it off."""
    found(customers.get(customer_id), _NONE)
    dunning.restore(customer_id)
    return _told(customer_id)


@blueprint.post("/fees/<int:action_id>/waive")
@requires("waive_late_fee")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, CollectionsAccount)
def waive(body: dict[str, Any], action_id: int) -> dict[str, Any]:
    """Let a late fee go; what is billed already is given back on the next bill."""
    action = found(fee_reads.fee(action_id), "There is no such fee.")
    fees.waive(action, reason=body["reason"])
    return _told(action.customer_id)


def _told(customer_id: int) -> dict[str, Any]:
    db.session.expire_all()
    return told(customer_id)
