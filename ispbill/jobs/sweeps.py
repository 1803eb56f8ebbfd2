"""A sweep looks at the registry and nudges: one job per tenant for which something may be due. It reads no tenant."""
from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from redis.exceptions import RedisError

from ispbill.core.current import TenantRef
from ispbill.jobs.queue import Job
from ispbill.tenancy import registry, templates

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Queue `job` for every served tenant that `is_due` says yes to, with the arguments `arguments_for` gives."""

    job: Job
    is_due: Callable[[TenantRef], bool]
    arguments_for: Callable[[TenantRef], tuple[str | int, ...]]

    def due(self) -> list[tuple[TenantRef, tuple[str | int, ...]]]:
        """The tenants whose turn it is; one on an old schema version is left to the migrator."""
        return [
            (tenant, self.arguments_for(tenant)) for tenant in registry.served()
            if templates.is_current(tenant) and self.is_due(tenant)
        ]

    def nudge(self) -> int:
        """Queue one job per due tenant; returns how many."""
        due = self.due()
        for tenant, arguments in due:
            self._send(tenant, arguments)
        return len(due)

    def _send(self, tenant: TenantRef, arguments: tuple[str | int, ...]) -> None:
        try:
            self.job.send(tenant.code, *arguments)
        except RedisError:
            _log.exception("could not queue %s for %s; the next sweep tries again", self.job.path, tenant.code)
