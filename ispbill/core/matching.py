"""How names are compared, whatever their capitals and accents: whether one holds a term, which of two comes first.

For tables of hundreds of rows, which are read whole; where there are more, a column of its own holds the folded text,
or an index what `by_letters` makes of it. No locale has a part in it: PostgreSQL's builds have different ones, or none.
"""
from __future__ import annotations

from sqlalchemy import ColumnElement, Text, func, literal_column, or_

from ispbill.core.pagination import AnyColumn
from ispbill.core.text import ACCENTED_SQL, PLAIN_SQL, folded, like_pattern


def mentioned(term: str, *columns: AnyColumn) -> ColumnElement[bool]:
    """Whether one of the columns holds the term."""
    pattern = like_pattern(folded(term))
    return or_(*(by_letters(column).like(pattern) for column in columns))


def by_letters(column: AnyColumn) -> ColumnElement[str]:
    """A name as lists are ordered by it; `folded_sql` of the column makes an index for that."""
    # Written out, not as parameters: the database knows an index by the expression it was made of.
    return func.translate(func.lower(column), literal_column(ACCENTED_SQL), literal_column(PLAIN_SQL), type_=Text())
