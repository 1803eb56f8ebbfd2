"""Effects that go upward: a verb publishes a frozen dataclass, `reactions.py` says which verbs follow, in order."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

Handler = Callable[[Any], object]
_handlers: dict[type, tuple[Handler, ...]] = {}


def wire(table: dict[type, tuple[Handler, ...]]) -> None:
    """Install the table of reactions; done once, by the application."""
    _handlers.clear()
    _handlers.update(table)


def publish(event: object) -> None:
    """Run the event's handlers now, in the transaction of the caller."""
    for handler in _handlers.get(type(event), ()):
        handler(event)
