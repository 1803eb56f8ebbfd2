"""From the Host header to the bound tenant. No header, cookie, token or field but the host names a tenant."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask

from ispbill.core.current import TenantRef, current
from ispbill.core.errors import (
    DomainError,
    RegistryUnavailable,
    TenantGone,
    TenantSuspended,
    TenantUnknown,
    TrialOver,
)
from ispbill.core.i18n import gettext as _
from ispbill.tenancy import registry
from ispbill.tenancy.models import TenantStatus

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ENVIRON_KEY = "ispbill.host"


@dataclass(frozen=True, slots=True)
class Host:
    """What the address led to: a tenant, the apex site (neither set), or the refusal to answer with."""

    tenant: TenantRef | None = None
    refusal: DomainError | None = None


class HostMiddleware:
    """WSGI middleware that resolves the host once and leaves the answer in the environment."""

    def __init__(self, app: Flask, *, domain: str) -> None:
        self._app = app
        self._application: WSGIApplication = app.wsgi_app
        self._domain = domain

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        """Resolve, then hand on."""
        host = resolve(environ.get("HTTP_HOST", ""), domain=self._domain, look_up=self._look_up)
        environ[ENVIRON_KEY] = host
        return self._application(environ, start_response)

    def _look_up(self, label: str) -> TenantRef | None:
        known, tenant = registry.remembered(label)
        if known:
            return tenant
        with self._app.app_context():
            return registry.by_subdomain(label)


def resolve(host_header: str, *, domain: str, look_up: Callable[[str], TenantRef | None]) -> Host:
    """The tenant of a Host header, or the reason for which it is refused."""
    host = host_header.lower().partition(":")[0].rstrip(".")
    if host in (domain, f"www.{domain}"):
        return Host()
    label, dot, rest = host.partition(".")
    if not dot or rest != domain:
        return Host(refusal=TenantUnknown(_("There is no company at this address. Check the spelling.")))
    try:
        tenant = look_up(label)
    except RegistryUnavailable as refusal:
        return Host(refusal=refusal)
    return Host(tenant=tenant, refusal=_refusal(tenant))


def _refusal(tenant: TenantRef | None) -> DomainError | None:
    if tenant is None:
        return TenantUnknown(_("There is no company at this address. Check the spelling."))
    if tenant.trial_is_over(current.now()):
        return TrialOver(_("The trial of this company has ended. Its owner can choose a plan to go on."))
    match tenant.status:
        case TenantStatus.TRIAL | TenantStatus.ACTIVE:
            return None
        case TenantStatus.SUSPENDED:
            return TenantSuspended(_("Access to this company is suspended. Its owner can ask the platform why."))
        case TenantStatus.CANCELLED:
            return TenantGone(_("This company has closed its account."))
        case _:
            return TenantUnknown(_("There is no company at this address. Check the spelling."))
