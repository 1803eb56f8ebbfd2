"""Verb of the owner: move the company to another time zone, or give it another currency before it has begun.

Days are local dates and billing asks for what is due up to today, so a move to the east bills a day that was jumped
over together with the next one, and a move to the west waits for the first day that is not billed.
"""
from __future__ import annotations

from ispbill.audit import service as audit
from ispbill.company.home import policy, queries
from ispbill.core.current import current
from ispbill.core.errors import Conflict, Forbidden
from ispbill.core.i18n import gettext as _
from ispbill.tenancy import registry


def move(*, timezone: str, currency: str) -> bool:
    """Live by another clock from now on, or count in another currency; whether anything is another than before.

    Raises Invalid for what there is not, Forbidden for who is not the owner, Conflict for another currency once any
    amount is written down.
    """
    if not current.actor.is_owner:
        raise Forbidden(_("Only the owner moves the company to another time zone or currency."))
    tenant = current.tenant
    before = {"timezone": tenant.timezone, "currency": tenant.currency}
    after = {"timezone": policy.timezone(timezone), "currency": policy.currency(currency)}
    if after == before:
        return False
    if after["currency"] != tenant.currency and queries.has_amounts():
        raise Conflict(_("There are amounts in %(currency)s already, so it stays the currency.",
                         currency=tenant.currency), field="currency")
    registry.move(tenant, timezone=after["timezone"], currency=after["currency"])
    audit.note("moved", entity="company_settings", label=tenant.name, before=before, after=after)
    return True
