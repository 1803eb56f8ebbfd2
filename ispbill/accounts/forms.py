"""Input that several parts of accounts share: a choice of permissions, grouped as people think of them."""
from __future__ import annotations

from collections.abc import Collection
from typing import Any

from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.permissions import GROUPS, WAITING, label
from ispbill.web.forms import Form, options


class CheckboxListField(SelectMultipleField):
    """A choice of several, each with a box to tick."""

    widget = ListWidget()
    option_widget = CheckboxInput()


class PermissionForm(Form):
    """A choice among the permissions of whoever is signed in; others are neither offered nor taken away."""

    def offer(self, chosen: Collection[str] = ()) -> None:
        """Set the choices, and tick the chosen ones where the form was not sent."""
        for group, field in zip(GROUPS, self.groups, strict=True):
            field.choices = options((code, _offered(code)) for code in group.codes if current.actor.may(code))
            if not self.is_submitted():
                field.data = [code for code in group.codes if code in chosen]

    @property
    def groups(self) -> list[Any]:
        """The field of each group, in the order of the vocabulary."""
        return [self[f"group_{index}"] for index in range(len(GROUPS))]

    def permissions(self, present: Collection[str] = ()) -> frozenset[str]:
        """What was ticked, and of what is present all that was not offered."""
        ticked = frozenset(code for field in self.groups for code in field.data)
        return ticked | self.kept(present)

    def kept(self, present: Collection[str]) -> frozenset[str]:
        """What is present and stays whatever is ticked, because whoever is signed in lacks it."""
        return frozenset(code for code in present if not current.actor.may(code))


for _index, _group in enumerate(GROUPS):
    setattr(PermissionForm, f"group_{_index}", CheckboxListField(_group.label))


def _offered(code: str) -> str:
    return _("%(permission)s (not in use yet)", permission=label(code)) if code in WAITING else label(code)
