"""How often an address may try. Counted in Redis for all processes, in memory while Redis is away.

The key carries the tenant, so that one company's visitors never use up another's tries.
"""
from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter

from ispbill.config import Settings
from ispbill.core.current import current


def tenant_and_address() -> str:
    """Whose tries are counted together: one tenant, one address."""
    tenant = current.tenant_or_none
    return f"{tenant.code if tenant else 'apex'}:{request.remote_addr}"


limiter = Limiter(key_func=tenant_and_address, strategy="fixed-window", in_memory_fallback_enabled=True,
                  headers_enabled=True, key_prefix="ispbill")


def register(app: Flask) -> None:
    """Install the limiter."""
    settings: Settings = app.config["ISPBILL"]
    app.config.update(RATELIMIT_STORAGE_URI=settings.redis_url,
                      RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1, "socket_timeout": 1})
    limiter.init_app(app)
