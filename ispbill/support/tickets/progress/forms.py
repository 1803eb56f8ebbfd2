"""What is asked when a ticket goes on."""
from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.support.tickets import queries
from ispbill.support.tickets.models import Ticket
from ispbill.support.tickets.policy import LONGEST
from ispbill.web.forms import Form, IdField


class NoteForm(Form):
    """A remark that may be left out."""

    reason = TextAreaField(lazy("Note"), [Length(max=LONGEST["reason"])], render_kw={"rows": 3})


class ReasonForm(Form):
    """Why something is done."""

    reason = TextAreaField(lazy("Reason"), [InputRequired(lazy("Say why: whoever looks later will want to know.")),
                                      Length(max=LONGEST["reason"])], render_kw={"rows": 3})


class ResolutionForm(Form):
    """What was done."""

    reason = TextAreaField(lazy("What was done"), [InputRequired(lazy("Say what was done: the customer will read it.")),
                                             Length(max=LONGEST["reason"])], render_kw={"rows": 4})


class AssignForm(Form):
    """Who works on it."""

    assignee_id = IdField(lazy("Assigned to"))


class MergeForm(Form):
    """Which ticket stays."""

    into = StringField(lazy("Number of the ticket that stays"), [InputRequired(lazy(
            "Enter the number of the ticket that stays."))],
                       description=lazy("Such as TKT-2026-0042"))

    def kept(self) -> Ticket:
        """The ticket whose number was entered. Raises Invalid where there is none."""
        ticket = queries.by_number(self.into.data)
        if ticket is None:
            raise Invalid(_("No ticket has this number."), field="into")
        return ticket
