"""What people enter about customers."""
from __future__ import annotations

from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.core.places import coordinate
from ispbill.customers.custom_fields.forms import entered, inputs_of
from ispbill.customers.models import CustomerStatus
from ispbill.customers.policy import CustomerFacts
from ispbill.web.forms import Form, IdField, LocalDateField, options

PAUSE_LABELS = {
    "skip": "Not billed; what is billed already stays owed",
    "credit": "Not billed, and what is billed already is given back",
    "bill": "Billed all the same",
}


class CustomerForm(Form):
    """What is known of a customer."""

    name = StringField("Name", [InputRequired("Give the customer a name.")])
    kind = SelectField("Kind", choices=options([("person", "Person"), ("company", "Company")]))
    email = StringField("E-mail")
    phone = StringField("Phone")
    tax_identifier = StringField("Tax number")
    area_id = IdField("Area")
    street = StringField("Street and number")
    landmark = StringField("Landmark")
    latitude = StringField("Latitude")
    longitude = StringField("Longitude")
    location_accuracy = SelectField("How well is the place known", validate_choice=False, choices=options([
        ("", "–"), ("exact", "Exactly, at the door"), ("approximate", "About there"),
        ("address", "From the address"),
    ]))
    e_billing_since = LocalDateField("Agreed to bills by e-mail on")
    external_reference = StringField("Reference in another system")
    notes = TextAreaField("Notes")

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

    status = SelectField("Begins as", choices=options([
        (CustomerStatus.LEAD.value, "Lead: interested, not served yet"),
        (CustomerStatus.ACTIVE.value, "Active"),
    ]))


class ReasonForm(Form):
    """Why a status changes."""

    reason = TextAreaField("Reason", [InputRequired("Say why: whoever looks later will want to know.")])


class SuspendForm(ReasonForm):
    """Why service stops, and what the days without it mean for the bill."""

    billing = RadioField("The days without service are", choices=options(PAUSE_LABELS.items()), default="skip",
                         validate_choice=False)


class OptionalReasonForm(Form):
    """Why a status changes, where it may go without saying."""

    reason = TextAreaField("Reason")
