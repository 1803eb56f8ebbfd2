"""What people enter about routers."""
from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.core.i18n import english_word, lazy
from ispbill.network.routers.policy import AFTER_RETURN, BY_HAND, RouterFacts
from ispbill.web.forms import Form, LocalDateField, options


class RouterForm(Form):
    """What stands on the router."""

    brand = StringField(lazy("Brand"), [InputRequired(lazy("Say who makes the router."))])
    model = StringField(lazy("Model"), [InputRequired(lazy("Say which model it is."))])
    serial_number = StringField(lazy("Serial number"), [InputRequired(lazy("Give the serial number on the router."))])
    mac_address = StringField(lazy("MAC address"))
    notes = TextAreaField(lazy("Notes"))

    def facts(self) -> RouterFacts:
        """What was entered."""
        return RouterFacts(
            brand=self.brand.data, model=self.model.data, serial_number=self.serial_number.data,
            mac_address=self.mac_address.data, notes=self.notes.data,
        )


class MarkForm(Form):
    """Where a router is now."""

    status = SelectField(lazy("It is"), choices=options((status, lazy(english_word(status))) for status in BY_HAND))
    reason = StringField(lazy("Why"))


class AssignForm(Form):
    """Which router is put at a line."""

    router = StringField(lazy("Serial number or MAC address"), [InputRequired(lazy("Read it off the label."))])
    on = LocalDateField(lazy("Since"), [InputRequired(lazy("Say since which day."))])


class ReturnForm(Form):
    """A router that comes back."""

    on = LocalDateField(lazy("Taken back on"), [InputRequired(lazy("Say on which day."))])
    condition = SelectField(lazy("It is"), choices=options([
        (AFTER_RETURN[0], lazy("Returned, to be looked at")), (AFTER_RETURN[1], lazy("In good order, in stock")),
        (AFTER_RETURN[2], lazy("Faulty")),
    ]))
    reason = StringField(lazy("Note"))
