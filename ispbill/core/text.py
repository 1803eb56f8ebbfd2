"""Small rules about text: codes, slugs, search patterns, cells of a spreadsheet."""
from __future__ import annotations

import re
import secrets
import unicodedata

# No O/0, I/1 or L: a code is read out on the phone.
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 9
# Letters with signs, and what people type for them on a keyboard without: one for one.
ACCENTED, PLAIN = "áàâäãåéèêëíìîïóòôöõúùûüñçýÿ", "aaaaaaeeeeiiiiooooouuuuncyy"
# The same as SQL, as PostgreSQL itself writes it.
ACCENTED_SQL, PLAIN_SQL = f"'{ACCENTED}'::text", f"'{PLAIN}'::text"
_FOLDING = str.maketrans(ACCENTED, PLAIN)
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


def random_code() -> str:
    """A public code of nine unmistakable characters."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def like_pattern(term: str) -> str:
    """An ILIKE pattern that finds `term` anywhere, with the wildcards in it taken literally."""
    escaped = re.sub(r"([\\%_])", r"\\\1", term.strip())
    return f"%{escaped}%"


def folded(text: str) -> str:
    """Text as searches compare it: small letters without signs, so that “pena” finds “Peña”."""
    return unicodedata.normalize("NFC", text).lower().translate(_FOLDING)


def folded_sql(expression: str) -> str:
    """`folded` of a SQL expression, for columns and indexes that the database makes; immutable."""
    return f"translate(lower({expression}), {ACCENTED_SQL}, {PLAIN_SQL})"


def safe_cell(value: object) -> str:
    """A value as a CSV cell that no spreadsheet takes for a formula (OWASP: CSV injection); numbers stay numbers."""
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA_START) and not _PLAIN_NUMBER.match(text):
        return "'" + text
    return text


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold a text: not with NUL, nor with half a character (a lone surrogate)."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def slug(name: str) -> str:
    """A lower-case label of letters, digits and dashes made from a name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
