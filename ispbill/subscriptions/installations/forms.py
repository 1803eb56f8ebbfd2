"""What people enter about installations."""
from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.subscriptions.installations.policy import LONGEST_REASON, InstallationFacts
from ispbill.web.forms import Form, IdField, LocalDateField


class InstallationForm(Form):
    """Where a line is to be, when, and who makes it."""

    address = StringField(lazy("Address"), [InputRequired(lazy("Say where the line is to be."))])
    scheduled_on = LocalDateField(lazy("Planned for"), [InputRequired(lazy("Say for which day."))])
    technician_id = IdField(lazy("Technician"))
    notes = TextAreaField(lazy("Notes"))

    def facts(self) -> InstallationFacts:
        """What was entered."""
        return InstallationFacts(
            address=self.address.data, scheduled_on=self.scheduled_on.data, notes=self.notes.data,
            technician_id=self.technician_id.data,
        )


class DoneForm(Form):
    """The day on which something was done."""

    on = LocalDateField(lazy("Done on"), [InputRequired(lazy("Say on which day."))])


class WhyForm(Form):
    """Why something came to nothing."""

    reason = TextAreaField(lazy("Reason"), [InputRequired(lazy("Say why: whoever looks later will want to know.")),
                                            Length(max=LONGEST_REASON)])
