"""Input of the handovers' pages."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import Email, InputRequired, Length

from ispbill.billing.handovers.service import LONGEST_NOTE, HandoverFacts
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField


class MailForm(Form):
    """Where a document is sent."""

    recipient = StringField(lazy("E-mail"), [
        InputRequired(lazy("Enter an e-mail address.")), Email(lazy("Enter an e-mail address.")), Length(max=254)])


class HandoverForm(Form):
    """On which day paper was handed over."""

    handed_on = LocalDateField(lazy("Handed over on"), [InputRequired(lazy("Say on which day."))])
    note = StringField(lazy("Note"), [Length(max=LONGEST_NOTE)],
                       description=lazy("Such as who took it, or who brought it"))

    @property
    def facts(self) -> HandoverFacts:
        """What was entered."""
        assert self.handed_on.data is not None, "the field is required"
        return HandoverFacts(self.handed_on.data, self.note.data or "")
