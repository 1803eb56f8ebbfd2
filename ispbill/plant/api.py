"""The plant as JSON: LCPs and NAPs for reading, and the chains that port pickers and older integrations ask for."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.areas.policy import Place
from ispbill.plant.lcps import queries as lcps
from ispbill.plant.models import Lcp, Nap
from ispbill.plant.naps import queries as naps
from ispbill.plant.policy import ACCURACIES, CONDITIONS
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, DecimalText, Identifier, Text
from ispbill.web.rest.resources import reread, resource
from ispbill.web.rest.schemas import PageQuery, ordered, page, page_of, sorting

lcp_blueprint = resource("lcps", description="Cabinets, and the splitters in them.")
nap_blueprint = resource("naps", description="The boxes from which drops go to the houses, and their ports.")
chain_blueprint = resource(
    "plant", address="/lcp/api", description="The chain LCP, splitter, NAP, port, step by step."
)


class LcpQuery(PageQuery):
    """What the list is narrowed to, and its order."""

    q = Text(load_default="", metadata={"description": "Part of the code, name or address"})
    area_id = Identifier(load_default=None)
    sort = sorting(lcps.SORTS, default="code")


class NapQuery(PageQuery):
    """What the list is narrowed to, and its order."""

    q = Text(load_default="", metadata={"description": "Part of the code, the address or the LCP's code"})
    lcp_id = Identifier(load_default=None)
    splitter_id = Identifier(load_default=None)
    area_id = Identifier(load_default=None)
    sort = sorting(naps.SORTS, default="code")


class Standing(Schema):
    """Where a part of the plant stands; coordinates are decimal degrees as text."""

    id = Identifier(required=True)
    code = fields.String(required=True)
    address = fields.String(required=True)
    latitude = DecimalText(required=True, allow_none=True)
    longitude = DecimalText(required=True, allow_none=True)
    accuracy = Choice(ACCURACIES, required=True)


class SplitterSummary(Schema):
    """A splitter with what is taken of it; `output_count` is the n of 1:n."""

    id = Identifier(required=True)
    code = fields.String(required=True)
    output_count = fields.Integer(required=True)
    nap_count = fields.Integer(required=True)
    port_count = fields.Integer(required=True)
    free_count = fields.Integer(required=True)


class LcpSummary(Standing):
    """An LCP with what is taken of it."""

    name = fields.String(required=True)
    splitter_capacity = fields.Integer(required=True)
    splitter_count = fields.Integer(required=True)
    nap_count = fields.Integer(required=True)
    port_count = fields.Integer(required=True)
    free_count = fields.Integer(required=True)


class LcpDetail(Standing):
    """An LCP with its splitters."""

    name = fields.String(required=True)
    splitter_capacity = fields.Integer(required=True)
    area_id = Identifier(required=True, allow_none=True)
    notes = fields.String(required=True)
    splitters = fields.Function(lambda lcp: SplitterSummary(many=True).dump(lcps.splitters_of([lcp.id])),
                                metadata={"type": "array", "items": {"type": "object"}})


class NapSummary(Standing):
    """A NAP with what feeds it and what is taken of it."""

    lcp_id = Identifier(required=True)
    lcp_code = fields.String(required=True)
    splitter_id = Identifier(required=True)
    splitter_code = fields.String(required=True)
    port_count = fields.Integer(required=True)
    used_count = fields.Integer(required=True)
    free_count = fields.Integer(required=True)
    max_drop_metres = fields.Integer(required=True)


class PortState(Schema):
    """A port: its condition, and whether a line is on it."""

    id = Identifier(required=True)
    number = fields.Integer(required=True)
    condition = Choice(CONDITIONS, required=True)
    is_used = fields.Boolean(required=True)
    is_free = fields.Boolean(required=True)


class NapDetail(Standing):
    """A NAP with its ports."""

    splitter_id = Identifier(required=True)
    area_id = Identifier(required=True, allow_none=True)
    port_count = fields.Integer(required=True)
    max_drop_metres = fields.Integer(required=True)
    notes = fields.String(required=True)
    ports = fields.Function(lambda nap: PortState(many=True).dump(naps.ports_of(nap.id)),
                            metadata={"type": "array", "items": {"type": "object"}})


class LcpList(Schema):
    """Every LCP."""

    items = fields.List(fields.Nested(LcpSummary), required=True)


class SplitterList(Schema):
    """The splitters of an LCP."""

    items = fields.List(fields.Nested(SplitterSummary), required=True)


class NapList(Schema):
    """The NAPs of a splitter."""

    items = fields.List(fields.Nested(NapSummary), required=True)


class Hierarchy(Schema):
    """The way from an LCP down to a NAP, with capacities and what is free."""

    lcp = fields.Nested(LcpSummary, required=True)
    splitter = fields.Nested(SplitterSummary, required=True)
    nap = fields.Nested(NapSummary, required=True)


@lcp_blueprint.get("")
@requires("view_lcp_list")
@lcp_blueprint.arguments(LcpQuery, location="query")
@lcp_blueprint.response(200, page_of(LcpSummary))
def list_lcps(query: dict[str, Any]) -> dict[str, Any]:
    """List LCPs."""
    wanted = lcps.LcpFilter(term=query["q"], area_id=query["area_id"])
    return page(lcps.listing(wanted), ordered(query["sort"], lcps.SORTS), query)


@lcp_blueprint.get("/<int:lcp_id>")
@requires("view_lcp_detail")
@lcp_blueprint.response(200, LcpDetail)
def get_lcp(lcp_id: int) -> Lcp:
    """Get an LCP with its splitters."""
    return reread(lcps.get, lcp_id)


@nap_blueprint.get("")
@requires("view_lcp_list")
@nap_blueprint.arguments(NapQuery, location="query")
@nap_blueprint.response(200, page_of(NapSummary))
def list_naps(query: dict[str, Any]) -> dict[str, Any]:
    """List NAPs."""
    wanted = naps.NapFilter(term=query["q"], lcp_id=query["lcp_id"], splitter_id=query["splitter_id"],
                            place=None if query["area_id"] is None else Place(query["area_id"]))
    return page(naps.listing(wanted), ordered(query["sort"], naps.SORTS), query)


@nap_blueprint.get("/<int:nap_id>")
@requires("view_lcp_detail")
@nap_blueprint.response(200, NapDetail)
def get_nap(nap_id: int) -> Nap:
    """Get a NAP with its ports."""
    return reread(naps.get, nap_id)


@chain_blueprint.get("/lcps/")
@requires("view_lcp_list")
@chain_blueprint.response(200, LcpList)
def every_lcp() -> dict[str, Any]:
    """Get all LCPs, by code."""
    return {"items": lcps.everything(lcps.listing(lcps.LcpFilter()))}


@chain_blueprint.get("/lcp/<int:lcp_id>/splitters/")
@requires("view_lcp_detail")
@chain_blueprint.response(200, SplitterList)
def splitters_of_lcp(lcp_id: int) -> dict[str, Any]:
    """Get the splitters of an LCP."""
    lcp = found(lcps.get(lcp_id))
    return {"items": lcps.splitters_of([lcp.id])}


@chain_blueprint.get("/splitter/<int:splitter_id>/naps/")
@requires("view_lcp_detail")
@chain_blueprint.response(200, NapList)
def naps_of_splitter(splitter_id: int) -> dict[str, Any]:
    """Get the NAPs that a splitter feeds."""
    splitter = found(lcps.get_splitter(splitter_id))
    return {"items": naps.everything(naps.listing(naps.NapFilter(splitter_id=splitter.id)))}


@chain_blueprint.get("/nap/<int:nap_id>/hierarchy/")
@requires("view_lcp_detail")
@chain_blueprint.response(200, Hierarchy)
def hierarchy_of_nap(nap_id: int) -> dict[str, Any]:
    """Get the way from the LCP down to a NAP, with capacities and free ports."""
    nap = found(naps.get(nap_id))
    splitter, lcp = nap.splitter, nap.splitter.lcp
    of_lcp, in_lcp = lcps.listing(lcps.LcpFilter()).where(Lcp.id == lcp.id), lcps.splitters_of([lcp.id])
    of_nap = naps.listing(naps.NapFilter(splitter_id=splitter.id)).where(Nap.id == nap.id)
    return {"lcp": lcps.everything(of_lcp)[0], "splitter": next(row for row in in_lcp if row.id == splitter.id),
            "nap": naps.everything(of_nap)[0]}
