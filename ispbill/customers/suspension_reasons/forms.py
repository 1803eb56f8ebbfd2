"""What people enter about the reasons of suspensions."""
from __future__ import annotations

from collections.abc import Iterable

from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.customers.suspension_reasons.models import SuspensionReason
from ispbill.web.forms import Form, options

PAUSE_LABELS = {
    "skip": lazy("Not billed; what is billed already stays owed"),
    "credit": lazy("Not billed, and what is billed already is given back"),
    "bill": lazy("Billed all the same"),
}


class SuspensionReasonForm(Form):
    """A reason and what it means."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the reason a name."))])
    billing = RadioField(lazy("The days without service are"), choices=options(PAUSE_LABELS.items()), default="skip",
                         validate_choice=False)


class ChangeSuspensionReasonForm(SuspensionReasonForm):
    """A reason that is there already."""

    is_active = BooleanField(lazy("Offer it for new suspensions"),
                             description=lazy("Suspensions of the past keep what was agreed then."))


def labelled(reasons: Iterable[SuspensionReason]) -> list[tuple[int, str]]:
    """Ids and names of reasons, each with what it means for the bill."""
    return [(reason.id, _in_short(reason)) for reason in reasons]


def _in_short(reason: SuspensionReason) -> str:
    if reason.billing == "credit":
        return _("%(name)s – not billed, billed days given back", name=reason.name)
    if reason.billing == "bill":
        return _("%(name)s – billed all the same", name=reason.name)
    return _("%(name)s – not billed", name=reason.name)
