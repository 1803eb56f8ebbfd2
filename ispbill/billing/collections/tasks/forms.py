"""Input of the tasks' pages."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import Length

from ispbill.billing.collections.tasks.service import LONGEST_NOTE
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class ToldForm(Form):
    """What came of a call or a visit."""

    note = StringField(lazy("What they said"), [Length(max=LONGEST_NOTE)])
