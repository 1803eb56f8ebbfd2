"""What people enter to bring customers in."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from ispbill.web.forms import Form, LocalDateField


class UploadForm(Form):
    """A file of customers, and from when what it sells is billed."""

    file = FileField("File", [FileRequired("Choose a file.")], render_kw={"accept": ".csv,text/csv"})
    start_on = LocalDateField("Bill subscriptions from")
