"""The blueprint that the pages of subscriptions and of installations register on."""
from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("subscriptions", __name__, template_folder="templates")
