"""Input about the staff."""
from __future__ import annotations

from collections.abc import Collection

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ispbill.accounts.forms import CheckboxListField
from ispbill.accounts.models import User
from ispbill.accounts.roles import queries as roles
from ispbill.core.current import current
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, options


class UserForm(Form):
    """A user's name, address and roles. Only roles that hold nothing the actor lacks are offered."""

    full_name = StringField(lazy("Name"), [InputRequired(lazy("Enter a name.")), Length(max=200)],
                            render_kw={"autocomplete": "off"})
    email = StringField(lazy("E-mail address"), [InputRequired(lazy("Enter an e-mail address.")), Length(max=254)],
                        render_kw={"type": "email", "autocomplete": "off"})
    role_ids = CheckboxListField(lazy("Roles"), coerce=int)

    @classmethod
    def empty(cls) -> UserForm:
        """The form for somebody new."""
        form = cls()
        form._offer(())
        return form

    @classmethod
    def of(cls, user: User, *, role_ids: Collection[int]) -> UserForm:
        """The form filled with a user's data."""
        form = cls(obj=user)
        form._offer(role_ids)
        return form

    def chosen(self, present: Collection[int] = ()) -> frozenset[int]:
        """The roles that were ticked, and of the present ones all that were not offered."""
        offered = {int(choice.value) for choice in self.role_ids.choices}
        return frozenset(self.role_ids.data) | (frozenset(present) - offered)

    def _offer(self, role_ids: Collection[int]) -> None:
        given = roles.given_by(current.actor)
        self.role_ids.choices = options((str(role_id), name) for role_id, name in given)
        if not self.is_submitted():
            self.role_ids.data = list(role_ids)


class NameForm(Form):
    """One's own name."""

    full_name = StringField(lazy("Name"), [InputRequired(lazy("Enter your name.")), Length(max=200)],
                            render_kw={"autocomplete": "name"})
