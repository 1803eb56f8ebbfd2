"""Places as GeoJSON (RFC 7946). A map asks for tens of thousands at once, so rows are written without schemas."""
from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from ispbill.core.db import AnyRow
from ispbill.web.rest.fields import Choice, Identifier


class Point(Schema):
    """A place; GeoJSON knows only JSON numbers, the longitude first."""

    type = Choice(("Point",), required=True)
    coordinates = fields.List(fields.Float, required=True)


def collection_of(properties: type[Schema]) -> type[Schema]:
    """The schema of a FeatureCollection whose features have these properties."""
    feature = Schema.from_dict({
        "type": Choice(("Feature",), required=True), "id": Identifier(required=True),
        "geometry": fields.Nested(Point, required=True), "properties": fields.Nested(properties, required=True),
    }, name=f"{properties.__name__}Feature")
    return Schema.from_dict({
        "type": Choice(("FeatureCollection",), required=True),
        "features": fields.List(fields.Nested(feature), required=True),
    }, name=f"{properties.__name__}Collection")


def collection(rows: Iterable[AnyRow], *, properties: Sequence[str]) -> Response:
    """Rows with `id`, `latitude` and `longitude` as a FeatureCollection."""
    features = [_feature(row, properties) for row in rows]
    content = {"type": "FeatureCollection", "features": features}
    return Response(json.dumps(content, separators=(",", ":"), ensure_ascii=False), content_type="application/json")


def _feature(row: AnyRow, properties: Sequence[str]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [float(row.longitude), float(row.latitude)]}
    known = {name: getattr(row, name) for name in properties}
    return {"type": "Feature", "id": str(row.id), "geometry": point, "properties": known}
