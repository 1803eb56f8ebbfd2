"""What people enter about photos."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField

from ispbill.core.i18n import lazy
from ispbill.files.policy import IMAGES, accepted
from ispbill.web.forms import Form


class PhotoForm(Form):
    """A picture and what it shows."""

    file = FileField(lazy("Photo"), [FileRequired(lazy("Choose a photo."))], render_kw={"accept": accepted(IMAGES)})
    caption = StringField(lazy("What it shows"))
