"""Input about roles."""
from __future__ import annotations

from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from ispbill.accounts.forms import PermissionForm
from ispbill.core.i18n import lazy


class RoleForm(PermissionForm):
    """A role's name, what it is for, and its permissions."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Enter a name.")), Length(max=60)])
    description = StringField(lazy("What it is for"), [Length(max=300)])
    requires_second_factor = BooleanField(lazy("People with this role sign in with two factors"),
                                          description=lazy("A password, and a code of an app on their telephone"))
