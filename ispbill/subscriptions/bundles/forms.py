"""What people enter to sell a bundle."""
from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired, Optional

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, LocalDateField


class BundleSaleForm(Form):
    """Which bundle, from when, where."""

    bundle_id = IdField(lazy("Bundle"), [InputRequired(lazy("Choose a bundle."))])
    start_on = LocalDateField(lazy("First day"), [InputRequired(lazy("Say from which day."))])
    anchor_day = IntegerField(lazy("Billing day"), [Optional()], description=lazy("1 to 31; empty: the day it begins"))
    installation_id = IdField(lazy("Installation"))
