"""What a reason of suspensions must be like. Pure."""
from __future__ import annotations

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

BILLINGS = ("bill", "skip", "credit")
LONGEST_NAME = 60


def checked_name(text: str) -> str:
    """The name on one line. Raises Invalid where there is none or it is too long."""
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(_("Give the reason a name of at most %(longest_name)s characters.", longest_name=LONGEST_NAME),
                      field="name")
    return name


def checked_billing(billing: str) -> str:
    """What the days mean for the bill. Raises Invalid for another word."""
    if billing not in BILLINGS:
        raise Invalid(_("Say what the days without service are."), field="billing")
    return billing
