"""What people enter about documents."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField

from ispbill.files.policy import DOCUMENTS, accepted
from ispbill.web.forms import Form


class DocumentForm(Form):
    """A paper, and what it is."""

    file = FileField("File", [FileRequired("Choose a file.")], render_kw={"accept": accepted(DOCUMENTS)})
    title = StringField("What it is")
