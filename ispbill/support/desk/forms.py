"""What people enter about the desk."""
from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.support.desk.models import Priority, ServiceTarget
from ispbill.support.desk.policy import LONGEST_ANSWER, LONGEST_NAME, Promise
from ispbill.web.forms import Form


class CategoryForm(Form):
    """What tickets can be about."""

    name = StringField("Name", [InputRequired("Give the category a name."), Length(max=LONGEST_NAME)])


class ChangeCategoryForm(CategoryForm):
    """A category that is there already."""

    is_active = BooleanField("Offer it for new tickets", description="Tickets keep a category that is retired.")


class AnswerForm(Form):
    """A text that is ready."""

    title = StringField("Title", [InputRequired("Give the answer a title."), Length(max=LONGEST_NAME)],
                        description="What you look for in the list, such as “Restart the router”")
    body = TextAreaField("Text", [InputRequired("Write what is to be sent."), Length(max=LONGEST_ANSWER)],
                         render_kw={"rows": 8})


def _hours(label: str) -> IntegerField:
    return IntegerField(label, [InputRequired("Enter a number of hours.")])


class TargetForm(Form):
    """Hours promised for each priority."""

    urgent_response = _hours("Urgent: first response within")
    urgent_resolution = _hours("Urgent: resolved within")
    high_response = _hours("High: first response within")
    high_resolution = _hours("High: resolved within")
    normal_response = _hours("Normal: first response within")
    normal_resolution = _hours("Normal: resolved within")
    low_response = _hours("Low: first response within")
    low_resolution = _hours("Low: resolved within")

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
