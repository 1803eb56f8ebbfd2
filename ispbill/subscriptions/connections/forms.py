"""What people enter to put a line on a port."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from ispbill.web.forms import Form, IdField


class PortForm(Form):
    """Which port, and why the drop may be longer than its NAP allows."""

    port_id = IdField("Port", [InputRequired("Choose a port.")])
    override_reason = StringField("Why so far")
