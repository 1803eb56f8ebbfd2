"""The blueprint of the plant's pages."""
from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("plant", __name__, template_folder="templates")
