"""Input of the pages of routes."""
from __future__ import annotations

from ispbill.accounts.forms import CheckboxListField
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class AreasForm(Form):
    """The areas of a collector."""

    area_ids = CheckboxListField(lazy("Areas"), coerce=int, choices=[], description=lazy(
        "What lies in an area is on the route, too."))
