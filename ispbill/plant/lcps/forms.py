"""What people enter about LCPs and splitters."""
from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.core.i18n import lazy
from ispbill.core.places import coordinate
from ispbill.plant.policy import ACCURACIES, DEFAULT_SPLITTERS, OUTPUT_COUNTS, LcpFacts, SplitterFacts
from ispbill.web.forms import Form, IdField, options

ACCURACY_LABELS = dict(zip(ACCURACIES, (
    lazy("Exact: measured on the spot"), lazy("Approximate"), lazy("From the address"), lazy("Set by hand on a map"),
), strict=True))


class LcpForm(Form):
    """What is known of an LCP."""

    code = StringField(lazy("Code"), [InputRequired(lazy("Give it a code."))])
    name = StringField(lazy("Name"), [InputRequired(lazy("Give it a name."))])
    splitter_capacity = IntegerField(lazy("Room for splitters"), [InputRequired(lazy("Say how many splitters fit."))],
                                     default=DEFAULT_SPLITTERS)
    area_id = IdField(lazy("Area"))
    address = StringField(lazy("Address"))
    latitude = StringField(lazy("Latitude"))
    longitude = StringField(lazy("Longitude"))
    accuracy = SelectField(lazy("Accuracy"), choices=options(list(ACCURACY_LABELS.items())))
    notes = TextAreaField(lazy("Notes"))

    def facts(self) -> LcpFacts:
        """What was entered. Raises Invalid for coordinates that are no numbers."""
        return LcpFacts(
            code=self.code.data, name=self.name.data, splitter_capacity=self.splitter_capacity.data,
            area_id=self.area_id.data, address=self.address.data, accuracy=self.accuracy.data, notes=self.notes.data,
            latitude=coordinate(self.latitude.data, field="latitude"),
            longitude=coordinate(self.longitude.data, field="longitude"),
        )


class SplitterForm(Form):
    """What is known of a splitter."""

    code = StringField(lazy("Code"), [InputRequired(lazy("Give it a code."))])
    output_count = SelectField(
        lazy("Ratio"), coerce=int, default=8, choices=options([(str(count), f"1:{count}") for count in OUTPUT_COUNTS])
    )
    notes = TextAreaField(lazy("Notes"))

    def facts(self) -> SplitterFacts:
        """What was entered."""
        return SplitterFacts(code=self.code.data, output_count=self.output_count.data, notes=self.notes.data)
