"""What people enter about the desk."""
from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.support.desk.models import Priority, ServiceTarget
from ispbill.support.desk.policy import LONGEST_ANSWER, LONGEST_NAME, Promise
from ispbill.web.forms import Form


class CategoryForm(Form):
    """What tickets can be about."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the category a name.")), Length(max=LONGEST_NAME)])


class ChangeCategoryForm(CategoryForm):
    """A category that is there already."""

    is_active = BooleanField(lazy("Offer it for new tickets"),
                             description=lazy("Tickets keep a category that is retired."))


class AnswerForm(Form):
    """A text that is ready."""

    title = StringField(lazy("Title"), [InputRequired(lazy("Give the answer a title.")), Length(max=LONGEST_NAME)],
                        description=lazy("What you look for in the list, such as “Restart the router”"))
    body = TextAreaField(lazy("Text"), [InputRequired(lazy("Write what is to be sent.")), Length(max=LONGEST_ANSWER)],
                         render_kw={"rows": 8})


def _hours(label: str) -> IntegerField:
    return IntegerField(label, [InputRequired(_("Enter a number of hours."))])


class TargetForm(Form):
    """Hours promised for each priority."""

    urgent_response = _hours(lazy("Urgent: first response within"))
    urgent_resolution = _hours(lazy("Urgent: resolved within"))
    high_response = _hours(lazy("High: first response within"))
    high_resolution = _hours(lazy("High: resolved within"))
    normal_response = _hours(lazy("Normal: first response within"))
    normal_resolution = _hours(lazy("Normal: resolved within"))
    low_response = _hours(lazy("Low: first response within"))
    low_resolution = _hours(lazy("Low: resolved within"))

    @classmethod
    def of(cls, targets: list[ServiceTarget]) -> TargetForm:
        """The form with what is promised now."""
        known: dict[str, Any] = {}
        for target in targets:
            known[f"{target.priority}_response"] = target.response_hours
            known[f"{target.priority}_resolution"] = target.resolution_hours
        return cls(data=known)

    def promises(self) -> dict[Priority, Promise]:
        """What was entered."""
        return {
            priority: Promise(self[f"{priority}_response"].data, self[f"{priority}_resolution"].data)
            for priority in Priority
        }
