"""Who acts, for which tenant, and what time it is there. The only module that reads the clock."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ispbill.core.errors import Forbidden, TenantNotBound
from ispbill.core.i18n import SOURCE_LOCALE, lazy, speaking
from ispbill.core.i18n import gettext as _
from ispbill.core.permissions import label


@dataclass(frozen=True, slots=True)
class TenantRef:
    """The facts about a tenant that a request or job may rely on; a frozen copy, never an ORM row."""

    id: int
    code: str
    subdomain: str
    name: str
    schema: str
    role: str
    status: str
    timezone: str
    currency: str
    schema_version: str
    locale: str = SOURCE_LOCALE
    trial_ends_on: date | None = None
    billed_on: date | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return ZoneInfo(self.timezone)

    def trial_is_over(self, instant: datetime) -> bool:
        """Whether the tenant is on trial and its last day has passed in its own time zone."""
        if self.status != "trial" or self.trial_ends_on is None:
            return False
        return instant.astimezone(self.zone).date() > self.trial_ends_on


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a staff user, an API token of one, or the system; with the rights they hold.

    `roles` names the roles of who is signed in, for them to read; rights are asked of `may` alone.
    """

    kind: str
    name: str
    user_id: int | None = None
    is_owner: bool = False
    permissions: frozenset[str] = field(default_factory=frozenset)
    ip_address: str | None = None
    user_agent: str | None = None
    roles: str = ""

    def may(self, permission: str) -> bool:
        """Whether the actor holds the permission; the owner and the system pass all."""
        return self.is_owner or permission in self.permissions


SYSTEM = Actor(kind="system", name="System", is_owner=True)
ANONYMOUS = Actor(kind="anonymous", name=lazy("Not signed in"))

_tenant: ContextVar[TenantRef | None] = ContextVar("ispbill_tenant", default=None)
_actor: ContextVar[Actor] = ContextVar("ispbill_actor", default=ANONYMOUS)
_instant: ContextVar[datetime | None] = ContextVar("ispbill_instant", default=None)


class Current:
    """The context of the running request, job or command."""

    @property
    def tenant(self) -> TenantRef:
        """The bound tenant. Raises TenantNotBound where there is none."""
        ref = _tenant.get()
        if ref is None:
            raise TenantNotBound("no tenant is bound")
        return ref

    @property
    def tenant_or_none(self) -> TenantRef | None:
        """The bound tenant, or None on the apex site and in operator commands."""
        return _tenant.get()

    @property
    def actor(self) -> Actor:
        """Who acts; anonymous until somebody signed in."""
        return _actor.get()

    def now(self) -> datetime:
        """The present instant, aware, in UTC; a moved clock where a test or the demo moved it."""
        return _instant.get() or datetime.now(UTC)

    def today(self) -> date:
        """The tenant's local calendar day."""
        return self.now().astimezone(self.tenant.zone).date()

    def require(self, permission: str) -> None:
        """Raises Forbidden unless the actor holds the permission."""
        if not self.actor.may(permission):
            raise Forbidden(_("You need the permission “%(permission)s” to do this.", permission=label(permission)))


current = Current()


@contextmanager
def bound(tenant: TenantRef | None, actor: Actor) -> Iterator[None]:
    """Bind the tenant and the actor for the block, speak the tenant's language, and restore what was bound before."""
    tenant_token, actor_token = _tenant.set(tenant), _actor.set(actor)
    try:
        with speaking(tenant.locale if tenant else SOURCE_LOCALE):
            yield
    finally:
        _actor.reset(actor_token)
        _tenant.reset(tenant_token)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Change only the actor for the block."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Stand the clock at an aware instant for the block."""
    assert instant.tzinfo is not None, "an instant carries its zone"
    token = _instant.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _instant.reset(token)
