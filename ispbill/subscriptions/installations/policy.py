"""Rules of installations: what must be known of one, and which day fits. Pure."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

LONGEST_ADDRESS, LONGEST_NOTES, LONGEST_REASON = 300, 5000, 300


@dataclass(frozen=True, slots=True)
class InstallationFacts:
    """Where a line is to be, when, and who makes it."""

    address: str
    scheduled_on: date
    technician_id: int | None = None
    notes: str = ""


def checked(facts: InstallationFacts) -> InstallationFacts:
    """The facts as they are stored. Raises Invalid, naming the field."""
    address = " ".join(facts.address.split())
    if not 0 < len(address) <= LONGEST_ADDRESS:
        raise Invalid(_("Say where the line is, in at most %(longest_address)s characters.",
                        longest_address=LONGEST_ADDRESS), field="address")
    if len(facts.notes) > LONGEST_NOTES:
        raise Invalid(_("Notes have at most %(longest_notes)s characters.", longest_notes=LONGEST_NOTES), field="notes")
    return replace(facts, address=address)


def check_done(on: date, *, today: date) -> None:
    """Raises Invalid for work done in the future."""
    if on > today:
        raise Invalid(_("Work cannot be done on a day that has not come."), field="on")


def checked_reason(text: str) -> str:
    """Why something came to nothing, as it is stored. Raises Invalid."""
    reason = " ".join(text.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid(_("Say why, in at most %(longest_reason)s characters.", longest_reason=LONGEST_REASON),
                      field="reason")
    return reason
