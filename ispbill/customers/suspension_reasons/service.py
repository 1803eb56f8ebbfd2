"""Verbs of the reasons of suspensions. What was suspended keeps the meaning that was agreed then."""
from __future__ import annotations

from ispbill.core.db import db
from ispbill.customers.suspension_reasons.models import SuspensionReason
from ispbill.customers.suspension_reasons.policy import checked_billing, checked_name


def add(name: str, *, billing: str) -> SuspensionReason:
    """Offer a reason. Raises Invalid; the database refuses a name that is there."""
    reason = SuspensionReason(name=checked_name(name), billing=checked_billing(billing), is_active=True)
    db.session.add(reason)
    db.session.flush()
    return reason


def change(reason: SuspensionReason, *, name: str, billing: str, is_active: bool) -> SuspensionReason:
    """Another name or meaning for suspensions from now on; or retire it. Raises Invalid."""
    reason.name, reason.billing = checked_name(name), checked_billing(billing)
    reason.is_active = is_active
    db.session.flush()
    return reason
