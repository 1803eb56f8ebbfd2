"""What people enter as a note."""
from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class NoteForm(Form):
    """A note."""

    body = TextAreaField(lazy("Note"), [InputRequired(lazy("Write something."))], render_kw={"rows": 5})
