"""Reads of the account for text messages."""
from __future__ import annotations

from ispbill.core.db import db
from ispbill.notifications.texting.models import SmsAccount


def account() -> SmsAccount | None:
    """The company's account; None before somebody has entered one."""
    return db.session.get(SmsAccount, 1)


def is_on() -> bool:
    """Whether texts are sent at all."""
    known = account()
    return known is not None and known.is_enabled
