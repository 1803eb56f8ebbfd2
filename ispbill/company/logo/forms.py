"""Input about the logo."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from ispbill.company.logo.policy import KINDS, LARGEST_BYTES
from ispbill.files.policy import accepted, kinds_text
from ispbill.web.forms import Form


class LogoForm(Form):
    """A picture."""

    file = FileField(
        "Picture", [FileRequired("Choose a picture.")], render_kw={"accept": accepted(KINDS)},
        description=f"{kinds_text(KINDS)}, at most {LARGEST_BYTES // 1024} KB. A square one looks best.",
    )
