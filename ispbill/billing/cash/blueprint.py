"""The pages of the cash desk stand under one address."""
from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cash", __name__, url_prefix="/cash", template_folder="templates")
