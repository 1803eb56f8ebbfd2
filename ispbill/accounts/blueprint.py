"""The blueprint that the pages of all parts of accounts register on."""
from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts", __name__, template_folder="templates")
