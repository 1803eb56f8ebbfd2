"""What people enter about customers."""
from __future__ import annotations

from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.core.places import coordinate
from ispbill.customers.custom_fields.forms import entered, inputs_of
from ispbill.customers.models import CustomerStatus
from ispbill.customers.policy import CustomerFacts
from ispbill.web.forms import Form, IdField, LocalDateField, options


class CustomerForm(Form):
    """What is known of a customer."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the customer a name."))])
    kind = SelectField(lazy("Kind"), choices=options([("person", lazy("Person")), ("company", lazy("Company"))]))
    email = StringField(lazy("E-mail"))
    phone = StringField(lazy("Phone"))
    tax_identifier = StringField(lazy("Tax number"))
    area_id = IdField(lazy("Area"))
    street = StringField(lazy("Street and number"))
    landmark = StringField(lazy("Landmark"))
    latitude = StringField(lazy("Latitude"))
    longitude = StringField(lazy("Longitude"))
    location_accuracy = SelectField(lazy("How well is the place known"), validate_choice=False, choices=options([
        ("", "–"), ("exact", lazy("Exactly, at the door")), ("approximate", lazy("About there")),
        ("address", lazy("From the address")),
    ]))
    e_billing_since = LocalDateField(lazy("Agreed to bills by e-mail on"))
    external_reference = StringField(lazy("Reference in another system"))
    notes = TextAreaField(lazy("Notes"))

    def facts(self) -> CustomerFacts:
        """What was entered. Raises Invalid for coordinates that are no numbers."""
        return CustomerFacts(
            name=self.name.data, kind=self.kind.data, email=self.email.data, phone=self.phone.data,
            tax_identifier=self.tax_identifier.data, area_id=self.area_id.data, street=self.street.data,
            landmark=self.landmark.data, notes=self.notes.data,
            external_reference=self.external_reference.data,
            latitude=coordinate(self.latitude.data, field="latitude"),
            longitude=coordinate(self.longitude.data, field="longitude"),
            location_accuracy=self.location_accuracy.data, e_billing_since=self.e_billing_since.data,
            custom_values=entered(self),
        )

    def custom_inputs(self) -> list[Field]:
        """The inputs of the company's own fields."""
        return inputs_of(self)


class RegisterForm(CustomerForm):
    """A new customer."""

    status = SelectField(lazy("Begins as"), choices=options([
        (CustomerStatus.LEAD.value, lazy("Lead: interested, not served yet")),
        (CustomerStatus.ACTIVE.value, lazy("Active")),
    ]))


class ReasonForm(Form):
    """Why a status changes."""

    reason = TextAreaField(lazy("Reason"), [InputRequired(lazy("Say why: whoever looks later will want to know."))])


class SuspendForm(Form):
    """Why service stops, which says what the days without it mean for the bill, and what is noted besides."""

    reason_id = IdField(lazy("Why"), [InputRequired(lazy("Choose why."))])
    reason = TextAreaField(lazy("Note"))


class OptionalReasonForm(Form):
    """Why a status changes, where it may go without saying."""

    reason = TextAreaField(lazy("Reason"))
