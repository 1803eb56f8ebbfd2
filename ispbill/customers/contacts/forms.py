"""What people enter about contacts."""
from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.customers.contacts.models import ContactRole
from ispbill.customers.contacts.policy import ContactFacts
from ispbill.web.forms import Form, choices_of, options


class ContactForm(Form):
    """Who is reached how."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Say who that is."))])
    role = SelectField(lazy("About"), choices=options(choices_of(ContactRole)))
    phone = StringField(lazy("Phone"))
    email = StringField(lazy("E-mail"))

    def facts(self) -> ContactFacts:
        """What was entered."""
        return ContactFacts(name=self.name.data, role=self.role.data, phone=self.phone.data, email=self.email.data)
