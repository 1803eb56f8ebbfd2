"""Words that stand in the database and are shown to people, but are no StrEnum. A test names those that are missing."""
from __future__ import annotations

WORDS: tuple[str, ...] = ()
