"""The description of the API: as OpenAPI for programs, and as a page to read and try it on for people."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from ispbill.api import openapi, v1
from ispbill.web.guards import public
from ispbill.web.rest.resources import PREFIX

blueprint = Blueprint("api", __name__, template_folder="templates")


@blueprint.get(f"{PREFIX}/openapi.json")
@public
def openapi_json() -> ResponseReturnValue:
    """The OpenAPI document. It is the same for every company and tells nothing of any."""
    return jsonify(_document())


def _document() -> dict[str, Any]:
    return openapi.document(current_app, v1.described(current_app))
