"""A sweep looks at the registry and nudges: a job for each tenant that may have something due. It reads no tenant."""
from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from redis.exceptions import RedisError

from ispbill.core.current import TenantRef
from ispbill.jobs.queue import Arguments, Job
from ispbill.tenancy import registry, templates

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Queue `job` for every served tenant that `is_due` says yes to, with the arguments `arguments_for` gives."""

    job: Job
    is_due: Callable[[TenantRef], bool]
    arguments_for: Callable[[TenantRef], Arguments]
    # How many tenants with the same arguments one nudge is for: where a job is shorter than what a queue asks for it.
    together: int = 1

    def due(self) -> list[tuple[TenantRef, Arguments]]:
        """The tenants whose turn it is; one on an old schema version is left to the migrator."""
        return [
            (tenant, self.arguments_for(tenant)) for tenant in registry.served()
            if templates.is_current(tenant) and self.is_due(tenant)
        ]

    def nudge(self) -> int:
        """Queue the job for every due tenant; returns for how many."""
        alike: dict[Arguments, list[str]] = {}
        for tenant, arguments in self.due():
            alike.setdefault(arguments, []).append(tenant.code)
        for arguments, codes in alike.items():
            for start in range(0, len(codes), self.together):
                self._send(codes[start:start + self.together], arguments)
        return sum(map(len, alike.values()))

    def _send(self, tenant_codes: list[str], arguments: Arguments) -> None:
        try:
            self.job.send_to(tenant_codes, *arguments)
        except RedisError:
            _log.exception("could not queue %s for %s; the next sweep tries again", self.job.path, tenant_codes)
