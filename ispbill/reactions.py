"""Event → verbs: every effect that goes upward, in the order it happens, in the transaction of the publisher."""
from __future__ import annotations

from ispbill.core.events import Handler

REACTIONS: dict[type, tuple[Handler, ...]] = {}
