"""What the platform does by itself."""
from __future__ import annotations

from flask import current_app

from ispbill.config import Settings
from ispbill.tenancy import provisioning


def fill_spares() -> int:
    """Keep as many spares ready as the settings ask for, so that opening a company is instant."""
    settings: Settings = current_app.config["ISPBILL"]
    return provisioning.keep_spares(settings.spare_tenants)
