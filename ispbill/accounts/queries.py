"""What several parts of accounts read: the rights a user holds."""
from __future__ import annotations

from sqlalchemy import ColumnElement, ScalarSelect, distinct, exists, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from ispbill.accounts.models import Role, RolePermission, User, UserRole
from ispbill.core.db import db
from ispbill.core.matching import by_letters


def held_by_user() -> ScalarSelect[list[str] | None]:
    """Every permission of the enclosing query's user as one array; NULL where the user has none."""
    return select(func.array_agg(distinct(RolePermission.permission))) \
        .join(UserRole, UserRole.role_id == RolePermission.role_id) \
        .where(UserRole.user_id == User.id).correlate(User).scalar_subquery()


def roles_of_user() -> ScalarSelect[str | None]:
    """The names of the roles of the enclosing query's user, as one text; NULL where the user has none."""
    return select(func.string_agg(Role.name, aggregate_order_by(literal(", "), by_letters(Role.name)))) \
        .join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == User.id) \
        .correlate(User).scalar_subquery()


def permissions_of(user_id: int) -> frozenset[str]:
    """The permissions a user holds by their roles; an owner passes every check whatever stands here."""
    return frozenset(db.session.scalar(select(held_by_user()).where(User.id == user_id)) or ())


def holds(user_id: InstrumentedAttribute[int], permission: str) -> ColumnElement[bool]:
    """The condition that the user of an enclosing query has a role with the permission."""
    return exists().where(UserRole.user_id == user_id, RolePermission.role_id == UserRole.role_id,
                          RolePermission.permission == permission)
