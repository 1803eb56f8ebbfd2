"""The session and the two families of tables. A tenant table is never qualified; a platform table always is.

A session belongs to one tenant for its whole life, and an application context has one for each: so no object,
no pending row and no open transaction of one tenant is ever at hand under another. With none bound, it refuses.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, ClassVar

from flask.globals import app_ctx
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import BigInteger, Connection, DateTime, Engine, MetaData, Row, Select, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ispbill.core.current import current
from ispbill.core.errors import TenantSwitched

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
PLATFORM_BIND = "platform"
AnyRow = Row[*tuple[Any, ...]]
"""A row of whatever columns a query names."""
AnySelect = Select[*tuple[Any, ...]]
"""A query of whatever columns it names."""


class TenantModel(DeclarativeBase):
    """A table that every tenant's schema has."""

    # False for tables whose rows are themselves a record, or change too often to be worth one.
    __audited__: ClassVar[bool] = True
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {int: BigInteger, str: Text, datetime: DateTime(timezone=True)}

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, sort_order=-1)


class PlatformModel(DeclarativeBase):
    """A table of the platform, in the schema `platform`; only tenancy/ and platform/ open it."""

    metadata = MetaData(schema="platform", naming_convention=NAMING)
    type_annotation_map = {int: BigInteger, str: Text, datetime: DateTime(timezone=True)}

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, sort_order=-1)


class TenantSession(FlaskSession):
    """A session of one tenant."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant_code = _code_of_current()

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """The engine of the session's tenant.

        Raises TenantNotBound with none bound, TenantSwitched where another one is, or another's unit of work
        is open, which would not commit what is done here.
        """
        bound_code, working_code = current.tenant.code, working_for.get() or self.tenant_code
        if not bound_code == self.tenant_code == working_code:
            raise TenantSwitched(f"work for {working_code} is open, and {bound_code} is bound")
        return self._db.engines[None]


working_for: ContextVar[str | None] = ContextVar("ispbill_working_for", default=None)
"""The code of the tenant whose unit of work is open."""


def _code_of_current() -> str | None:
    ref = current.tenant_or_none
    return ref.code if ref else None


def _session_key() -> tuple[int, str | None]:
    return id(app_ctx._get_current_object()), _code_of_current()  # type: ignore[attr-defined]


def close_sessions(_error: BaseException | None = None) -> None:
    """Close the sessions of all tenants that the ending application context worked for."""
    sessions = db.session.registry.registry
    context, _ = _session_key()
    for key in [key for key in list(sessions) if key[0] == context]:
        sessions.pop(key).close()


db = SQLAlchemy(
    session_options={"class_": TenantSession, "scopefunc": _session_key}, disable_autonaming=True,
    metadata=TenantModel.metadata,
)


@contextmanager
def platform_transaction() -> Iterator[Connection]:
    """One transaction on the platform's own engine, apart from any tenant's."""
    with db.engines[PLATFORM_BIND].begin() as connection:
        yield connection
