"""Host → tenant: the only way in. A failing registry is an error, never a default tenant.

Answers come from a cache with a short life; operators' verbs make it forget.
"""
from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from ispbill.core.current import TenantRef, current
from ispbill.core.db import platform_transaction
from ispbill.core.errors import NotFound, RegistryUnavailable
from ispbill.core.formats import default_locale
from ispbill.core.i18n import gettext as _
from ispbill.tenancy.models import SERVED, Tenant, TenantStatus

CACHE_SECONDS = 5.0
CACHE_SIZE = 5_000
FIELDS = (
    Tenant.id, Tenant.code, Tenant.subdomain, Tenant.name, Tenant.status, Tenant.timezone, Tenant.currency,
    Tenant.locale,
    Tenant.schema_version, Tenant.trial_ends_on, Tenant.billed_on,
)
_HIDDEN = (TenantStatus.SPARE, TenantStatus.PROVISIONING)


class _Cache:
    """Subdomain → (reference or None, when it goes stale, version). `forget` makes all of them stale."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[TenantRef | None, float, int]] = {}
        self._version = 0
        self._lock = Lock()

    def get(self, subdomain: str) -> tuple[bool, TenantRef | None]:
        entry = self._entries.get(subdomain)
        if entry and entry[1] > time.monotonic() and entry[2] == self._version:
            return True, entry[0]
        return False, None

    def version(self) -> int:
        return self._version

    def put(self, subdomain: str, ref: TenantRef | None, *, version: int) -> None:
        """Keep what was read while the cache was at that version: what was forgotten since is stale at once."""
        with self._lock:
            if len(self._entries) >= CACHE_SIZE:
                self._entries.clear()
            self._entries[subdomain] = (ref, time.monotonic() + CACHE_SECONDS, version)

    def forget(self) -> None:
        with self._lock:
            self._version += 1


_cache = _Cache()
forget = _cache.forget
remembered = _cache.get


def by_subdomain(subdomain: str) -> TenantRef | None:
    """The tenant at a subdomain, whatever its status; None for an unknown one or one not yet made.

    Raises RegistryUnavailable when the registry cannot be read.
    """
    known, ref = _cache.get(subdomain)
    if not known:
        version = _cache.version()
        ref = _at(subdomain)
        _cache.put(subdomain, ref, version=version)
    return ref


def by_code(code: str) -> TenantRef:
    """The tenant with a public code, whatever its status, past the cache.

    Raises NotFound, RegistryUnavailable.
    """
    return by_codes([code])[0]


def by_codes(codes: Sequence[str]) -> list[TenantRef]:
    """The tenants with public codes, in their order, as `by_code` gives each."""
    found = {ref.code: ref for ref in _read(Tenant.code.in_(codes))}
    for code in codes:
        if code not in found:
            raise NotFound(_("There is no tenant with the code %(code)s.", code=code))
    return [found[code] for code in codes]


def named(subdomain: str) -> TenantRef:
    """The tenant at a subdomain for an operator's command. Raises NotFound with what to do."""
    ref = _at(subdomain)
    if ref is None:
        raise NotFound(_("There is no tenant “%(subdomain)s”. `ispbill tenant list` shows all.", subdomain=subdomain))
    return ref


def served() -> Iterator[TenantRef]:
    """Every tenant that background work is done for, in the order of their codes."""
    statement = select(*FIELDS).where(Tenant.status.in_(SERVED)).order_by(Tenant.code)
    with platform_transaction() as connection:
        rows = connection.execute(statement).all()
    for ref in map(reference, rows):
        if not ref.trial_is_over(current.now()):
            yield ref


_noted: ContextVar[list[tuple[int, date]] | None] = ContextVar("ispbill_noted", default=None)


def note_billed(tenant: TenantRef, on: date) -> None:
    """Remember that a tenant's local day is billed; within `noting_together`, once its block is over."""
    noted = _noted.get()
    if noted is None:
        _write_billed([tenant.id], on)
    else:
        noted.append((tenant.id, on))


@contextmanager
def noting_together() -> Iterator[None]:
    """Write what the block notes as billed in one statement for each day: one for each tenant costs as much as a few
    of its bills.
    """
    noted: list[tuple[int, date]] = []
    token = _noted.set(noted)
    try:
        yield
    finally:
        _noted.reset(token)
        for day in {on for _id, on in noted}:
            _write_billed([tenant_id for tenant_id, on in noted if on == day], day)


def _write_billed(tenant_ids: Sequence[int], on: date) -> None:
    # A hint for the sweep, no more, so nobody waits for the disk.
    with platform_transaction() as connection:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        connection.execute(
            update(Tenant).where(Tenant.id.in_(tenant_ids))
            .values(billed_on=func.greatest(func.coalesce(Tenant.billed_on, on), on))
        )


def change_locale(tenant: TenantRef, locale: str) -> None:
    """Let a company speak another language, and write dates and amounts as it does."""
    with platform_transaction() as connection:
        connection.execute(update(Tenant).where(Tenant.id == tenant.id).values(locale=locale))
    forget()


def move(tenant: TenantRef, *, timezone: str, currency: str) -> None:
    """Let a company live by another clock, or count in another currency; a language of its own stays."""
    with platform_transaction() as connection:
        connection.execute(
            update(Tenant).where(Tenant.id == tenant.id).values(timezone=timezone, currency=currency)
        )
    forget()


def reference(row: Row[*tuple[Any, ...]]) -> TenantRef:
    """A row of the registry as the frozen reference that requests and jobs carry."""
    schema = f"t_{row.code.lower()}"
    return TenantRef(
        id=row.id, code=row.code, subdomain=row.subdomain or "", name=row.name,
        schema=schema, role=schema, status=row.status, timezone=row.timezone,
        currency=row.currency, locale=row.locale or default_locale(row.timezone),
        schema_version=row.schema_version or "", trial_ends_on=row.trial_ends_on, billed_on=row.billed_on,
    )


def _at(subdomain: str) -> TenantRef | None:
    return next(iter(_read(Tenant.subdomain == subdomain, Tenant.status.not_in(_HIDDEN))), None)


def _read(*conditions: ColumnElement[bool]) -> list[TenantRef]:
    try:
        with platform_transaction() as connection:
            rows = connection.execute(select(*FIELDS).where(*conditions)).all()
    except SQLAlchemyError as error:
        raise RegistryUnavailable(
            _("The service cannot look up your company just now. Try again in a moment.")
        ) from error
    return [reference(row) for row in rows]
