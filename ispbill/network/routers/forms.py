"""What people enter about routers."""
from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.network.routers.policy import AFTER_RETURN, BY_HAND, RouterFacts, words
from ispbill.web.forms import Form, LocalDateField, options


class RouterForm(Form):
    """What stands on the router."""

    brand = StringField("Brand", [InputRequired("Say who makes the router.")])
    model = StringField("Model", [InputRequired("Say which model it is.")])
    serial_number = StringField("Serial number", [InputRequired("Give the serial number on the router.")])
    mac_address = StringField("MAC address")
    notes = TextAreaField("Notes")

    def facts(self) -> RouterFacts:
        """What was entered."""
        return RouterFacts(
            brand=self.brand.data, model=self.model.data, serial_number=self.serial_number.data,
            mac_address=self.mac_address.data, notes=self.notes.data,
        )


class MarkForm(Form):
    """Where a router is now."""

    status = SelectField("It is", choices=options((status, words(status).capitalize()) for status in BY_HAND))
    reason = StringField("Why")


class AssignForm(Form):
    """Which router is put at a line."""

    router = StringField("Serial number or MAC address", [InputRequired("Read it off the label.")])
    on = LocalDateField("Since", [InputRequired("Say since which day.")])


class ReturnForm(Form):
    """A router that comes back."""

    on = LocalDateField("Taken back on", [InputRequired("Say on which day.")])
    condition = SelectField("It is", choices=options([
        (AFTER_RETURN[0], "Returned, to be looked at"), (AFTER_RETURN[1], "In good order, in stock"),
        (AFTER_RETURN[2], "Faulty"),
    ]))
    reason = StringField("Note")
