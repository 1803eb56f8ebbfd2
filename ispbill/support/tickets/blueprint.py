"""One blueprint for all pages of tickets."""
from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("tickets", __name__, url_prefix="/tickets", template_folder="templates")
