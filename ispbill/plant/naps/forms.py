"""What people enter about NAPs and ports."""
from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.core.places import coordinate
from ispbill.plant.lcps.forms import ACCURACY_LABELS
from ispbill.plant.policy import DEFAULT_DROP_METRES, DEFAULT_PORTS, NapFacts
from ispbill.web.forms import Form, IdField, options


class NapForm(Form):
    """What is known of a NAP."""

    code = StringField(lazy("Code"), [InputRequired(lazy("Give it a code."))])
    port_count = IntegerField(lazy("Ports"), [InputRequired(lazy("Say how many ports it has."))], default=DEFAULT_PORTS)
    max_drop_metres = IntegerField(lazy("Longest drop in metres"), [InputRequired(lazy("Say how far a drop may go."))],
                                   default=DEFAULT_DROP_METRES)
    area_id = IdField(lazy("Area"))
    address = StringField(lazy("Address or pole"))
    latitude = StringField(lazy("Latitude"))
    longitude = StringField(lazy("Longitude"))
    accuracy = SelectField(lazy("Accuracy"), choices=options(list(ACCURACY_LABELS.items())))
    notes = TextAreaField(lazy("Notes"))

    def facts(self) -> NapFacts:
        """What was entered. Raises Invalid for coordinates that are no numbers."""
        return NapFacts(
            code=self.code.data, port_count=self.port_count.data, max_drop_metres=self.max_drop_metres.data,
            area_id=self.area_id.data, address=self.address.data, accuracy=self.accuracy.data, notes=self.notes.data,
            latitude=coordinate(self.latitude.data, field="latitude"),
            longitude=coordinate(self.longitude.data, field="longitude"),
        )


class ChangeNapForm(NapForm):
    """What is known of a NAP, and which splitter feeds it."""

    splitter_id = IdField(lazy("Fed by"), [InputRequired(lazy("Choose the splitter."))])


class PortForm(Form):
    """The condition of a port."""

    condition = SelectField(lazy("Condition"), choices=options([
        ("good", lazy("Good: can be given to a line")), ("reserved", lazy("Reserved")), ("faulty", lazy("Faulty")),
    ]))
    note = StringField(lazy("Note"))
