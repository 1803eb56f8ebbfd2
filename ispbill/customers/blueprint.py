"""The blueprint that the pages of all parts of customers register on."""
from __future__ import annotations

from flask import Blueprint

from ispbill.core.i18n import lazy

blueprint = Blueprint("customers", __name__, template_folder="templates")
NO_CUSTOMER = lazy("There is no such customer.")
