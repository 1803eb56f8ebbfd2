"""What a broken constraint means to a person, by SQLSTATE and constraint name; unknown ones stay unexpected errors."""
from __future__ import annotations

import re

from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError

from ispbill.core.errors import Conflict, DomainError, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

# A distributed engine appends the shard's number to a constraint's name.
_SHARD_SUFFIX = re.compile(r"_\d{5,}$")
_UNSTORABLE = (pg.NumericValueOutOfRange, pg.UntranslatableCharacter, pg.CharacterNotInRepertoire)
_MESSAGES: dict[str, DomainError] = {
    "uq_payments_reference": Conflict(lazy("A payment with this reference is recorded already."), field="reference"),
    "uq_refunds_idempotency_key": Conflict(lazy("This refund is recorded already.")),
    "uq_cash_deposits_reference": Conflict(lazy("This slip is recorded already."), field="reference"),
    "uq_cash_intakes_reference": Conflict(lazy("This slip is recorded already."), field="reference"),
    "uq_payments_idempotency_key": Conflict(lazy("This payment is recorded already.")),
    "uq_invoice_lines_live_charge": Conflict(lazy("This period is billed already.")),
    "ck_journal_entries_open": Conflict(lazy("The books of that day are closed. Use a later day.")),
    "uq_ledger_accounts_code": Conflict(lazy("There is already an account with this code."), field="code"),
    "uq_users_email": Conflict(lazy("There is already a user with this e-mail address."), field="email"),
    "uq_roles_name": Conflict(lazy("There is already a role with this name."), field="name"),
    "uq_plans_code": Conflict(lazy("There is already a plan with this code."), field="code"),
    "uq_plan_prices_plan_id_valid_from": Conflict(lazy("The plan has a price from that day already."),
                                                  field="valid_from"),
    "uq_tax_rates_name": Conflict(lazy("There is already a tax with this name."), field="name"),
    "uq_tax_rates_usual": Conflict(lazy("Somebody else changed the same data at the same moment. Try again.")),
    "ck_tax_rates_is_usual": Conflict(lazy("Somebody else changed the same data at the same moment. Try again.")),
    "uq_tax_rate_versions_tax_rate_id_valid_from": Conflict(
        lazy("The tax changes on that day already."), field="valid_from"
    ),
    "uq_usage_prices_plan_id_valid_from": Conflict(
        lazy("Usage has a price from that day already."), field="valid_from"
    ),
    "uq_bundles_name": Conflict(lazy("There is already a bundle with this name."), field="name"),
    "uq_discounts_name": Conflict(lazy("There is already a discount with this name."), field="name"),
    "uq_areas_parent_name": Conflict(lazy("There is already an area with this name here."), field="name"),
    "uq_suspension_reasons_name": Conflict(lazy("There is already a reason with this name."), field="name"),
    "uq_labels_name": Conflict(lazy("There is already a label with this name."), field="name"),
    "uq_custom_fields_label": Conflict(lazy("There is already a field with this name."), field="label"),
    "uq_custom_fields_key": Conflict(lazy("There is already a field with nearly this name."), field="label"),
    "uq_routers_serial_number": Conflict(lazy("There is already a router with this serial number."),
                                         field="serial_number"),
    "uq_routers_mac_address": Conflict(lazy("There is already a router with this MAC address."), field="mac_address"),
    "uq_router_assignments_live": Conflict(lazy("The router stands at another line."), field="router"),
    "uq_port_connections_live_port": Conflict(lazy("A line is on this port already."), field="port_id"),
    "uq_lcps_code": Conflict(lazy("There is already an LCP with this code."), field="code"),
    "uq_splitters_lcp_id_code": Conflict(lazy("There is already a splitter with this code in the LCP."), field="code"),
    "uq_naps_code": Conflict(lazy("There is already a NAP with this code."), field="code"),
    "uq_ticket_categories_name": Conflict(lazy("There is already a category with this name."), field="name"),
    "uq_canned_answers_title": Conflict(lazy("There is already an answer with this title."), field="title"),
    "uq_collection_steps_action": Conflict(
        lazy("Another step in force does the same. Switch that one off first."), field="action"
    ),
    "uq_no_cut_days_day_area": Conflict(lazy("This day is kept free already."), field="day"),
    "uq_customers_external_reference": Conflict(lazy("A customer with this reference exists already.")),
    "uq_subscriptions_external_reference": Conflict(
        lazy("A subscription with this reference exists already."), field="external_reference"
    ),
}


def explain(error: DBAPIError) -> DomainError | None:
    """The error to tell the user, or None where it is our own fault."""
    cause = error.orig
    if not isinstance(cause, pg.Error):
        return None
    name = _SHARD_SUFFIX.sub("", cause.diag.constraint_name or "")
    if name in _MESSAGES:
        return _MESSAGES[name]
    if isinstance(cause, pg.ForeignKeyViolation) and "is not present" in (cause.diag.message_detail or ""):
        return Invalid(_("Something that this names by its id does not exist."), field=_named_column(cause))
    # PostgreSQL 18 has a class of its own for what RESTRICT refuses.
    if isinstance(cause, (pg.ForeignKeyViolation, pg.RestrictViolation)):
        return Conflict(_("Something else still refers to this, so it cannot be removed."))
    # A bare DataError is the driver's own, for a NUL in a text.
    if type(cause) is pg.DataError or isinstance(cause, _UNSTORABLE):
        return Invalid(_("A value is larger or has other characters than can be stored."))
    if isinstance(cause, (pg.SerializationFailure, pg.DeadlockDetected, pg.LockNotAvailable)):
        return Conflict(_("Somebody else changed the same data at the same moment. Try again."))
    return None


def _named_column(cause: pg.Error) -> str | None:
    """The column of `Key (area_id)=(99) is not present in table "areas".`"""
    found = re.match(r"Key \((\w+)\)=", cause.diag.message_detail or "")
    return found.group(1) if found else None
