"""The description of the API: as OpenAPI for programs, and as a page to read and try it on for people."""
from __future__ import annotations

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from ispbill.api import v1
from ispbill.api.description import sections
from ispbill.web.guards import public
from ispbill.web.rest.resources import PREFIX

blueprint = Blueprint("api", __name__, template_folder="templates")


@blueprint.get(f"{PREFIX}/openapi.json")
@public
def openapi_json() -> ResponseReturnValue:
    """The OpenAPI document. It is the same for every company and tells nothing of any."""
    return jsonify(v1.document(current_app))


@blueprint.get("/api/docs")
@public
def docs() -> ResponseReturnValue:
    """The same for people, drawn by us: the ready-made readers fail our own rules of contrast and size."""
    document = v1.document(current_app)
    return render_template("api/docs.html", info=document["info"], sections=sections(document))

