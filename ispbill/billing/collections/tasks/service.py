"""Verbs of tasks: somebody has told the customer."""
from __future__ import annotations

from ispbill.billing.collections.models import CollectionAction
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _

LONGEST_NOTE = 500


def tell(action: CollectionAction, *, note: str = "") -> CollectionAction:
    """Note that the customer was told, and what they said.

    Raises Invalid, and Conflict where the step needs nobody to tell of it, or somebody has told them.
    """
    if len(note.strip()) > LONGEST_NOTE:
        raise Invalid(_("Enter at most %(longest)s characters.", longest=LONGEST_NOTE), field="note")
    db.session.refresh(action, ["told_at", "is_by_hand"], with_for_update=True)
    if not action.is_by_hand:
        raise Conflict(_("Nobody has to tell of this step by hand."))
    if action.told_at is not None:
        raise Conflict(_("Somebody has told them already."))
    action.told_at, action.told_by, action.told_note = current.now(), current.actor.name, note.strip()
    db.session.flush()
    return action
