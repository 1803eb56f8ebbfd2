"""What people enter to sell a bundle."""
from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired, Optional

from ispbill.web.forms import Form, IdField, LocalDateField


class BundleSaleForm(Form):
    """Which bundle, from when, where."""

    bundle_id = IdField("Bundle", [InputRequired("Choose a bundle.")])
    start_on = LocalDateField("First day", [InputRequired("Say from which day.")])
    anchor_day = IntegerField("Billing day", [Optional()], description="1 to 31; empty: the day it begins")
    installation_id = IdField("Installation")
