"""Many rows at once: COPY inside the session's own transaction, keys taken in blocks, keys asked for as one array."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import (
    BigInteger,
    Cast,
    CollectionAggregate,
    Date,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, REGCLASS
from sqlalchemy.exc import DBAPIError

from ispbill.core.db import AnySelect, TenantModel, db


def copy_rows(model: type[TenantModel], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into the model's table; every row has the given columns in the given order.

    Raises SQLAlchemy's errors, as every other statement of the session does.
    """
    statement = _copy(model.__tablename__, tuple(columns))
    try:
        with _driver_connection().cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise DBAPIError.instance(statement.decode(), None, error, psycopg.Error) from error


def take_keys(model: type[TenantModel], count: int) -> list[int]:
    """`count` fresh primary keys from the model's own sequence, in ascending order."""
    return [key for key, in take_keys_of([model], count)]


def take_keys_of(models: Sequence[type[TenantModel]], count: int) -> list[tuple[int, ...]]:
    """`count` times a fresh primary key of each model, in ascending order, asked for at once."""
    rows = db.session.execute(_fresh_keys(tuple(model.__tablename__ for model in models)), {"count": count})
    return [tuple(row) for row in rows]


def array_of(values: Iterable[int | date | None], element: type[BigInteger | Date]) -> Cast[Any]:
    """Whole numbers or days as one array parameter."""
    return cast(literal(written(values), Text), ARRAY(element))


def array_named(name: str, element: type[BigInteger | Date]) -> Cast[Any]:
    """An array parameter of a statement that is kept; who executes it gives `{name: written(values)}`."""
    return cast(bindparam(name, type_=Text), ARRAY(element))


def written(values: Iterable[int | date | None]) -> str:
    """Whole numbers or days as PostgreSQL writes an array of them: the driver would look at each by itself."""
    return f"{{{','.join('NULL' if value is None else str(value) for value in values)}}}"


def any_key(keys: Iterable[int]) -> CollectionAggregate[bool]:
    """For `column == any_key(keys)`: one array parameter however many keys, where IN would send one for each."""
    return any_(array_of(keys, BigInteger))


def any_text(values: Iterable[str]) -> CollectionAggregate[bool]:
    """For `column == any_text(values)`, likewise."""
    return any_(literal(list(values), ARRAY(Text)))


@cache
def _fresh_keys(tables: tuple[str, ...]) -> AnySelect:
    sequences = [cast(literal(f"{table}_id_seq", Text), REGCLASS) for table in tables]
    times = func.generate_series(1, bindparam("count", type_=BigInteger))
    return select(*map(func.nextval, sequences)).select_from(times)


@cache
def _copy(table: str, columns: tuple[str, ...]) -> bytes:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    return statement.as_bytes()


def _driver_connection() -> psycopg.Connection[Any]:
    driver = db.session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
