"""The points of the network map, as GeoJSON."""
from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields

from ispbill.plant.maps import queries
from ispbill.plant.policy import ACCURACIES
from ispbill.web.guards import requires
from ispbill.web.rest.fields import Choice
from ispbill.web.rest.geojson import collection, collection_of
from ispbill.web.rest.resources import resource

blueprint = resource("network_map", address="/network/api", description="Where the parts of the plant are.")


class LcpPoint(Schema):
    """An LCP on the map."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    accuracy = Choice(ACCURACIES, required=True)


class NapPoint(Schema):
    """A NAP on the map, with what is free on it and how far it reaches."""

    code = fields.String(required=True)
    accuracy = Choice(ACCURACIES, required=True)
    port_count = fields.Integer(required=True)
    free_count = fields.Integer(required=True)
    max_drop_metres = fields.Integer(required=True)


@blueprint.get("/lcps/")
@requires("view_network_map")
@blueprint.response(200, collection_of(LcpPoint))
def lcps() -> Response:
    """Get the LCPs that have coordinates, as a GeoJSON FeatureCollection (RFC 7946)."""
    return collection(queries.located_lcps(), properties=tuple(LcpPoint().fields))


@blueprint.get("/naps/")
@requires("view_network_map")
@blueprint.response(200, collection_of(NapPoint))
def naps() -> Response:
    """Get the NAPs that have coordinates, as a GeoJSON FeatureCollection (RFC 7946)."""
    return collection(queries.located_naps(), properties=tuple(NapPoint().fields))
