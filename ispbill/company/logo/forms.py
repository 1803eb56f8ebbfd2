"""Input about the logo."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from ispbill.company.logo.policy import KINDS, LARGEST_BYTES
from ispbill.core.i18n import lazy
from ispbill.files.policy import accepted, kinds_text
from ispbill.web.forms import Form


class LogoForm(Form):
    """A picture."""

    file = FileField(
        lazy("Picture"), [FileRequired(lazy("Choose a picture."))], render_kw={"accept": accepted(KINDS)},
        description=lazy("%(kinds_text)s, at most %(largest_bytes)s KB. A square one looks best.",
                         kinds_text=kinds_text(KINDS), largest_bytes=LARGEST_BYTES // 1024),
    )
