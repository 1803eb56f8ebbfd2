"""The blueprint that all pages of collections register on."""
from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("collections", __name__, url_prefix="/collections", template_folder="templates")
