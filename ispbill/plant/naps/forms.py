"""What people enter about NAPs and ports."""
from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.core.places import coordinate
from ispbill.plant.lcps.forms import ACCURACY_LABELS
from ispbill.plant.policy import DEFAULT_DROP_METRES, DEFAULT_PORTS, NapFacts
from ispbill.web.forms import Form, IdField, options


class NapForm(Form):
    """What is known of a NAP."""

    code = StringField("Code", [InputRequired("Give it a code.")])
    port_count = IntegerField("Ports", [InputRequired("Say how many ports it has.")], default=DEFAULT_PORTS)
    max_drop_metres = IntegerField("Longest drop in metres", [InputRequired("Say how far a drop may go.")],
                                   default=DEFAULT_DROP_METRES)
    area_id = IdField("Area")
    address = StringField("Address or pole")
    latitude = StringField("Latitude")
    longitude = StringField("Longitude")
    accuracy = SelectField("How well the place is known", choices=options(list(ACCURACY_LABELS.items())))
    notes = TextAreaField("Notes")

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

    splitter_id = IdField("Fed by", [InputRequired("Choose the splitter.")])


class PortForm(Form):
    """The condition of a port."""

    condition = SelectField("Condition", choices=options([
        ("good", "Good: can be given to a line"), ("reserved", "Reserved"), ("faulty", "Faulty"),
    ]))
    note = StringField("Note")
