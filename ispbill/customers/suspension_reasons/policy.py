"""What a reason of suspensions must be like, and what a suspension says of why. Pure."""
from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

LONGEST_NAME = 60


class PauseBilling(StrEnum):
    """What paused days mean for the bill: charged all the same, not charged, or also given back where billed."""

    BILL = "bill"
    SKIP = "skip"
    CREDIT = "credit"


class Cause(NamedTuple):
    """Why service stops, in words that stand from then on, and what that means for the bill.

    `reason_id` names the company's reason, where it is one.
    """

    reason: str
    billing: PauseBilling
    reason_id: int | None = None


def cause(note: str, billing: str) -> Cause:
    """Why service stops where none of the company's reasons is named. Raises Invalid without words."""
    if not note.strip():
        raise Invalid(_("Say why: whoever looks later will want to know."), field="reason")
    return Cause(note.strip(), checked_billing(billing))


def checked_name(text: str) -> str:
    """The name on one line. Raises Invalid where there is none or it is too long."""
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(_("Give the reason a name of at most %(longest_name)s characters.", longest_name=LONGEST_NAME),
                      field="name")
    return name


def checked_billing(billing: str) -> PauseBilling:
    """What the days mean for the bill. Raises Invalid for another word."""
    if billing not in list(PauseBilling):
        raise Invalid(_("Say what the days without service are."), field="billing")
    return PauseBilling(billing)
