"""What people enter about documents."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField

from ispbill.core.i18n import lazy
from ispbill.files.policy import DOCUMENTS, accepted
from ispbill.web.forms import Form


class DocumentForm(Form):
    """A paper, and what it is."""

    file = FileField(lazy("File"), [FileRequired(lazy("Choose a file."))], render_kw={"accept": accepted(DOCUMENTS)})
    title = StringField(lazy("What it is"))
