"""What people enter about photos."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField

from ispbill.files.policy import IMAGES, accepted
from ispbill.web.forms import Form


class PhotoForm(Form):
    """A picture and what it shows."""

    file = FileField("Photo", [FileRequired("Choose a photo.")], render_kw={"accept": accepted(IMAGES)})
    caption = StringField("What it shows")
