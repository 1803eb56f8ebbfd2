"""What people enter about labels."""
from __future__ import annotations

from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from ispbill.core.i18n import lazy
from ispbill.customers.labels.models import LabelColour
from ispbill.web.forms import Form, choices_of, options


class LabelForm(Form):
    """A label's name and colour."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the label a name."))])
    colour = SelectField(lazy("Colour"), choices=options(choices_of(LabelColour)))


class WornForm(Form):
    """Which labels a customer wears."""

    label_ids = SelectMultipleField(lazy("Labels"), coerce=int, widget=ListWidget(prefix_label=False),
                                    option_widget=CheckboxInput())
