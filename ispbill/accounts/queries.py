"""What several parts of accounts read: the rights a user holds."""
from __future__ import annotations

from sqlalchemy import ScalarSelect, distinct, func, select

from ispbill.accounts.models import RolePermission, User, UserRole
from ispbill.core.db import db


def held_by_user() -> ScalarSelect[list[str] | None]:
    """Every permission of the enclosing query's user as one array; NULL where the user has none."""
    return select(func.array_agg(distinct(RolePermission.permission))) \
        .join(UserRole, UserRole.role_id == RolePermission.role_id) \
        .where(UserRole.user_id == User.id).correlate(User).scalar_subquery()


def permissions_of(user_id: int) -> frozenset[str]:
    """The permissions a user holds by their roles; an owner passes every check whatever stands here."""
    return frozenset(db.session.scalar(select(held_by_user()).where(User.id == user_id)) or ())

