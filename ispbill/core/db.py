"""The session and the two families of tables. A tenant table is never qualified; a platform table always is.

The session is bound, transaction by transaction, to the current tenant; with none it refuses to open.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import BigInteger, Connection, DateTime, Engine, MetaData, Row, Select, Text, event
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
    """A session whose transaction belongs to one tenant from BEGIN to COMMIT."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """The engine of the current tenant. Raises TenantNotBound with none, TenantSwitched inside another's transaction."""
        tenant = current.tenant
        if self.in_transaction():
            holder = self.info.setdefault("tenant_code", tenant.code)
            if holder != tenant.code:
                raise TenantSwitched(f"the open transaction belongs to {holder}, not to {tenant.code}")
        return self._db.engines[None]


def _forget_tenant(session: TenantSession, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop("tenant_code", None)


event.listen(TenantSession, "after_transaction_end", _forget_tenant)
db = SQLAlchemy(session_options={"class_": TenantSession}, disable_autonaming=True, metadata=TenantModel.metadata)


@contextmanager
def platform_transaction() -> Iterator[Connection]:
    """One transaction on the platform's own engine, apart from any tenant's."""
    with db.engines[PLATFORM_BIND].begin() as connection:
        yield connection
