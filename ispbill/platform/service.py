"""The operator's verbs over companies: open, suspend, activate, cancel, rename. Each may be called again.

What an operator did, and why, is written in the transaction that does it, and can be changed by nobody.
"""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from ispbill.accounts import policy as accounts_policy
from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.users import service as users
from ispbill.company import service as company
from ispbill.company.home import policy as homes
from ispbill.core.crypto import hash_password
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.db import platform_transaction
from ispbill.core.errors import Conflict, NotFound
from ispbill.core.i18n import gettext as _
from ispbill.core.unit_of_work import unit_of_work
from ispbill.platform import policy, queries
from ispbill.tenancy import provisioning, registry
from ispbill.tenancy.models import OperatorEvent, Tenant, TenantStatus
from ispbill.tenancy.provisioning import NewTenant


@dataclass(frozen=True, slots=True)
class OpenedCompany:
    """A company that is open, and whether this call opened it. The link sets the owner's password, once."""

    tenant: TenantRef
    owner_email: str
    created: bool
    set_password_url: str | None = field(default=None, repr=False)


def open_company(new: NewTenant, *, password: str | None = None) -> OpenedCompany:
    """Provision a company with its owner, on trial. The same call again finishes what a crash left.

    Without a password the result carries a link for the owner, as long as the owner has none. Raises Invalid,
    and Conflict where the subdomain belongs to a company of another name or owner.
    """
    new = _checked(new)
    if password is not None:
        accounts_policy.check_password(password, email=new.owner_email)
    with ThreadPoolExecutor(max_workers=1) as aside:
        # A third of the time that the schema takes, and it needs neither the database nor the interpreter's lock.
        hashed = aside.submit(hash_password, password) if password is not None else None
        tenant = provisioning.build_schema(_reserved(new))
    link = _set_up(tenant, new, hashed.result() if hashed else None)
    created = _open(tenant)
    return OpenedCompany(registry.by_code(tenant.code), new.owner_email, created, link)


def suspend(tenant: TenantRef, *, reason: str) -> TenantRef:
    """Lock a company out until it is activated. Raises Conflict for a cancelled one."""
    if tenant.status == TenantStatus.CANCELLED:
        raise Conflict(_("“%(subdomain)s” has been cancelled. Activate it first.", subdomain=tenant.subdomain))
    return _change(tenant, "suspended", reason=reason, status=TenantStatus.SUSPENDED, status_reason=reason)


def activate(tenant: TenantRef) -> TenantRef:
    """Serve a company, whatever state it was in; it is no longer on trial."""
    return _change(tenant, "activated", status=TenantStatus.ACTIVE, status_reason=None)


def cancel(tenant: TenantRef) -> TenantRef:
    """Close a company: its address answers 410. Its data stays as it is, and it can be activated again."""
    return _change(tenant, "cancelled", status=TenantStatus.CANCELLED, status_reason=None)


def rename(tenant: TenantRef, *, subdomain: str) -> TenantRef:
    """Move a company to another subdomain; nobody is at the old one from then on.

    Raises Invalid for a subdomain that may not be, Conflict for one that is taken.
    """
    label = policy.subdomain(subdomain)
    try:
        return _change(tenant, "renamed", subdomain=label)
    except IntegrityError:
        raise Conflict(_("The subdomain “%(label)s” is taken.", label=label), field="subdomain") from None


def _checked(new: NewTenant) -> NewTenant:
    return NewTenant(
        name=policy.company_name(new.name), subdomain=policy.subdomain(new.subdomain),
        owner_email=policy.owner_email(new.owner_email), timezone=homes.timezone(new.timezone),
        currency=homes.currency(new.currency),
    )


def _reserved(new: NewTenant) -> TenantRef:
    try:
        return provisioning.reserve(new)
    except Conflict:
        row = queries.company_at(new.subdomain)
        if row is None or (row.name, row.owner_email) != (new.name, new.owner_email):
            raise
        return registry.reference(row)


def _set_up(tenant: TenantRef, new: NewTenant, password_hash: str | None) -> str | None:
    """Give the company its identity and owner, in its own schema; returns the owner's link."""
    name = policy.person_name(new.owner_email)
    try:
        with bound(tenant, SYSTEM), unit_of_work():
            company.adopt(new.name)
            token = users.register_owner(new.owner_email, full_name=name, password_hash=password_hash)
            return passwords.set_password_url(token) if token else None
    except Conflict:
        # An open company may have another owner by now, or its owner another address: that is theirs to say.
        if tenant.status == TenantStatus.PROVISIONING:
            raise
        return None


def _open(tenant: TenantRef) -> bool:
    """Serve the company from now on, on trial; False when it was opened before."""
    with bound(tenant, SYSTEM):
        trial_ends_on = current.today() + timedelta(days=policy.TRIAL_DAYS)
    with platform_transaction() as connection:
        opened = connection.execute(
            update(Tenant).where(Tenant.id == tenant.id, Tenant.status == TenantStatus.PROVISIONING)
            .values(status=TenantStatus.TRIAL, trial_ends_on=trial_ends_on, opened_at=current.now())
        ).rowcount == 1
        provisioning.record_step(connection, tenant, provisioning.COMPANY_SET_UP)
        if opened:
            _note(connection, tenant, "opened", {"name": tenant.name, "subdomain": tenant.subdomain})
    registry.forget()
    return opened


def _change(tenant: TenantRef, event: str, *, reason: str | None = None, **values: Any) -> TenantRef:
    """Set the values and write down what was before; nothing where they stand so already."""
    with platform_transaction() as connection:
        row = connection.execute(
            select(*Tenant.__table__.c).where(Tenant.id == tenant.id).with_for_update()
        ).one_or_none()
        if row is None:
            raise NotFound(_("There is no tenant “%(subdomain)s” any more.", subdomain=tenant.subdomain))
        before = {name: getattr(row, name) for name in values}
        if before != values:
            connection.execute(update(Tenant).where(Tenant.id == tenant.id).values(values))
            _note(connection, tenant, event, {"before": before, "after": values, "reason": reason})
    registry.forget()
    return registry.by_code(tenant.code)


def _note(connection: Connection, tenant: TenantRef, event: str, details: dict[str, Any]) -> None:
    connection.execute(insert(OperatorEvent).values(
        tenant_id=tenant.id, event=event, operator=current.actor.name, details=details,
    ))
