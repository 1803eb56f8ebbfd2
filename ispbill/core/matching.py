"""The condition that a text is found in a column, whatever its capitals and accents.

For tables of hundreds of rows, which are read whole; where there are more, a column of its own holds the folded text.
"""
from __future__ import annotations

from sqlalchemy import ColumnElement, Text, func, or_

from ispbill.core.pagination import AnyColumn
from ispbill.core.text import ACCENTED, PLAIN, folded, like_pattern


def mentioned(term: str, *columns: AnyColumn) -> ColumnElement[bool]:
    """Whether one of the columns holds the term."""
    pattern = like_pattern(folded(term))
    return or_(*(
        func.translate(func.lower(column), ACCENTED, PLAIN, type_=Text()).like(pattern) for column in columns
    ))
