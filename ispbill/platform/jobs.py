"""What the platform does by itself."""
from __future__ import annotations

from ispbill import config
from ispbill.tenancy import provisioning


def fill_spares() -> int:
    """Keep as many spares ready as the settings ask for, so that opening a company is instant."""
    return provisioning.keep_spares(config.settings().spare_tenants)
