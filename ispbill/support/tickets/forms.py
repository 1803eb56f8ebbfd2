"""What people enter about tickets."""
from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.files.policy import DOCUMENTS, accepted, kinds_text
from ispbill.support.desk.models import Priority
from ispbill.support.tickets import queries
from ispbill.support.tickets.models import TicketSource
from ispbill.support.tickets.policy import LONGEST, TicketFacts
from ispbill.web.forms import Form, IdField, choices_of, options

_PRIORITY_WORDS = (
    (Priority.URGENT.value, lazy("Urgent")), (Priority.HIGH.value, lazy("High")),
    (Priority.NORMAL.value, lazy("Normal")),
    (Priority.LOW.value, lazy("Low")),
)
SOURCE_WORDS = dict(choices_of(TicketSource)) | {
    "sms": lazy("SMS"), "email": lazy("E-mail"), "walk_in": lazy("Walk-in"), "portal": lazy("Customer portal"),
}


class TicketForm(Form):
    """What is known of a ticket."""

    subject = StringField(lazy("Subject"), [
        InputRequired(lazy("Say in a few words what it is about.")), Length(max=LONGEST["subject"]),
    ])
    category_id = IdField(lazy("Category"))
    priority = SelectField(lazy("Priority"), choices=options(_PRIORITY_WORDS), default=Priority.NORMAL.value)
    source = SelectField(lazy("Came by"), choices=options(SOURCE_WORDS.items()), default=TicketSource.PHONE.value)
    contact = StringField(lazy("Whom to call back"), [Length(max=LONGEST["contact"])],
                          description=lazy("Only if it is not the customer's own number"))
    description = TextAreaField(lazy("What happened"), [Length(max=LONGEST["description"])], render_kw={"rows": 5})

    nap_code = StringField(lazy("NAP"), description=lazy("Its code; empty where it is not known"))

    def facts(self) -> TicketFacts:
        """What was entered. Raises Invalid for a NAP that is not there."""
        return TicketFacts(
            subject=self.subject.data, category_id=self.category_id.data, priority=self.priority.data,
            source=self.source.data, description=self.description.data, contact=self.contact.data, nap_id=self.nap_id(),
        )

    def nap_id(self) -> int | None:
        """The NAP whose code was entered. Raises Invalid where none has it."""
        if not self.nap_code.data:
            return None
        nap = queries.nap_with_code(self.nap_code.data)
        if nap is None:
            raise Invalid(_("No NAP has this code."), field="nap_code")
        return nap.id


class OpenForm(TicketForm):
    """A new ticket."""

    assignee_id = IdField(lazy("Assigned to"))


class ChangeForm(TicketForm):
    """A ticket that is there already; the customer may have been found out since."""

    account_number = StringField(lazy("Account number of the customer"), description=lazy("Empty where it is nobody's"))

    def customer(self) -> Customer | None:
        """The customer whose account number was entered. Raises Invalid where nobody has it."""
        if not self.account_number.data:
            return None
        customer = customers.by_account_number(self.account_number.data)
        if customer is None:
            raise Invalid(_("No customer has this account number."), field="account_number")
        return customer


class CommentForm(Form):
    """Something to say about a ticket."""

    body = TextAreaField(lazy("Comment"), [InputRequired(lazy("Write something.")), Length(max=LONGEST["body"])],
                         render_kw={"rows": 5})
    readers = RadioField(lazy("Who reads it"), choices=options([("staff", lazy("Staff only")), ("customer", lazy(
            "The customer too"))]),
                         default="staff")


class FileForm(Form):
    """A file for a ticket."""

    file = FileField(lazy("File"), [FileRequired(lazy("Choose a file."))], description=lazy(
            "%(kinds_text)s; at most 5 MB", kinds_text=kinds_text(DOCUMENTS)),
                     render_kw={"accept": accepted(DOCUMENTS)})
