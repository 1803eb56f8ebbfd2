"""Builders of routers."""
from __future__ import annotations

import itertools
from typing import Any

from ispbill.core.current import current
from ispbill.network.routers import service as routers
from ispbill.network.routers.models import Router, RouterAssignment
from ispbill.network.routers.policy import RouterFacts
from ispbill.subscriptions.models import Installation
from tests.make import offers

_numbers = itertools.count(1)


def router(serial_number: str | None = None, *, status: str = "in_stock", **facts: Any) -> Router:
    """A router in stock; `facts` are those of RouterFacts."""
    label = {"brand": "Huawei", "model": "HG8145V5", **facts}
    return routers.add(RouterFacts(serial_number=serial_number or f"SN-{next(_numbers)}", **label), status=status)


def assigned(device: Router | None = None, *, line: Installation | None = None) -> RouterAssignment:
    """A router at a line since today: a new router and a new line, where none is given."""
    return routers.assign(device or router(), installation=line or offers.installation(), on=current.today())
