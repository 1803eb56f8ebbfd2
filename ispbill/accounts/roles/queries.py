"""Reads of roles: the list with its counts, one role, the roles an actor may give."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from ispbill.accounts.models import Role, RolePermission, User, UserRole
from ispbill.core.current import Actor
from ispbill.core.db import db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.core.text import like_pattern

BY_NAME = SortKey((by_letters(Role.__table__.c.name), Role.__table__.c.id))


@dataclass(frozen=True, slots=True)
class RoleRights:
    """A role and what it permits."""

    id: int
    name: str
    permissions: frozenset[str]


def roles(term: str = "") -> Select[Any]:
    """Every role with its counts of users and permissions."""
    users = select(func.count()).where(UserRole.role_id == Role.id).scalar_subquery()
    rights = select(func.count()).where(RolePermission.role_id == Role.id).scalar_subquery()
    statement = select(Role.id, Role.name, Role.description, users.label("user_count"),
                       rights.label("permission_count"))
    return statement.where(Role.name.ilike(like_pattern(term))) if term else statement


def ids(term: str) -> list[int]:
    """The roles that a term finds."""
    return list(db.session.scalars(roles(term).with_only_columns(Role.id)))


def role(role_id: int) -> Role | None:
    """One role, without its permissions."""
    return db.session.get(Role, role_id)


def rights(role_ids: Iterable[int] | None = None) -> Sequence[RoleRights]:
    """Roles with their permissions, by name: all of them, or those with the ids."""
    statement = (
        select(Role.id, Role.name, func.array_agg(RolePermission.permission))
        .outerjoin(RolePermission, RolePermission.role_id == Role.id).group_by(Role.id, Role.name)
        .order_by(by_letters(Role.name))
    )
    if role_ids is not None:
        statement = statement.where(Role.id.in_(list(role_ids)))
    return [RoleRights(role_id, name, frozenset(filter(None, permissions)))
            for role_id, name, permissions in db.session.execute(statement)]


def permissions_in(role_id: int) -> frozenset[str]:
    """What a role permits."""
    return frozenset(db.session.scalars(
        select(RolePermission.permission).where(RolePermission.role_id == role_id)
    ))


def given_by(actor: Actor) -> list[tuple[int, str]]:
    """Id and name of every role that holds nothing the actor lacks."""
    return [(role.id, role.name) for role in rights() if all(map(actor.may, role.permissions))]


def role_ids_of(user_id: int) -> frozenset[int]:
    """The roles of a user."""
    return frozenset(db.session.scalars(select(UserRole.role_id).where(UserRole.user_id == user_id)))


def users_with(role_id: int, *, limit: int = 50) -> Sequence[User]:
    """The users who have a role, by name."""
    return db.session.scalars(
        select(User).join(UserRole, UserRole.user_id == User.id).where(UserRole.role_id == role_id)
        .order_by(by_letters(User.full_name), User.id).limit(limit)
    ).all()
