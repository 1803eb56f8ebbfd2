"""Number series as JSON: how each numbers, and what is left of it."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.company.models import NumberSeries, SeriesKind
from ispbill.company.numbers.policy import remaining
from ispbill.company.queries import number_series
from ispbill.web.guards import requires
from ispbill.web.rest.fields import Choice
from ispbill.web.rest.resources import PREFIX, resource

blueprint = resource("number_series", address=f"{PREFIX}/number-series",
                     description="The gapless numbers of documents and accounts.")


class Series(Schema):
    """A series; `left_count` is null where it never ends."""

    kind = Choice(SeriesKind, required=True)
    next_number = fields.String(attribute="next_text", required=True)
    prefix = fields.String(required=True)
    branch = fields.String(required=True)
    digits = fields.Integer(required=True)
    resets_yearly = fields.Boolean(required=True)
    range_end = fields.Integer(required=True, allow_none=True)
    warn_below = fields.Integer(required=True)
    left_count = fields.Function(lambda series: _left(series), required=True, allow_none=True,
                                 metadata={"type": "integer"})


class AllSeries(Schema):
    """Every series."""

    items = fields.List(fields.Nested(Series), required=True)


@blueprint.get("")
@requires("view_settings")
@blueprint.response(200, AllSeries)
def index() -> dict[str, Any]:
    """List every series with its next number and what is left of it."""
    return {"items": number_series()}


def _left(series: NumberSeries) -> int | None:
    left = remaining(next_number=series.next_number, range_end=series.range_end, warn_below=series.warn_below)
    return left.left if left else None
