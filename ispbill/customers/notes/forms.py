"""What people enter as a note."""
from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired

from ispbill.web.forms import Form


class NoteForm(Form):
    """A note."""

    body = TextAreaField("Note", [InputRequired("Write something.")], render_kw={"rows": 5})
