"""The page of the network map. Its points are asked for after it, as GeoJSON."""
from __future__ import annotations

from flask import Response, make_response, render_template, request

from ispbill.company import queries as company
from ispbill.company.policy import tile_origin
from ispbill.core.errors import Invalid
from ispbill.core.places import Place, coordinate, coordinates, place_of
from ispbill.plant.blueprint import blueprint
from ispbill.plant.maps import queries
from ispbill.web.guards import requires
from ispbill.web.security import with_images_from


@blueprint.get("/network/map")
@requires("view_network_map")
def network_map() -> Response:
    """Customers, LCPs, NAPs and their reach; with coordinates in the address it begins there."""
    settings = company.settings()
    page = make_response(render_template(
        "plant/map.html", settings=settings, begin=_begin(), lcps=queries.count_lcps(), naps=queries.count_naps(),
        rows=queries.listed_lcps(),
    ))
    if settings.map_tile_url:
        page.headers["Content-Security-Policy"] = with_images_from(tile_origin(settings.map_tile_url))
    return page


def _begin() -> Place | None:
    try:
        latitude = coordinate(request.args.get("latitude", ""), field="latitude")
        longitude = coordinate(request.args.get("longitude", ""), field="longitude")
        return place_of(*coordinates(latitude, longitude))
    except Invalid:
        return None
