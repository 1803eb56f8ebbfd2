"""What people enter to put a line on a port."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField


class PortForm(Form):
    """Which port, and why the drop may be longer than its NAP allows."""

    port_id = IdField(lazy("Port"), [InputRequired(lazy("Choose a port."))])
    override_reason = StringField(lazy("Why so far"))
