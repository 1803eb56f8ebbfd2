"""Reads of the staff: the list, one user."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from ispbill.accounts.models import RolePermission, User, UserRole, UserStatus
from ispbill.accounts.policy import account_status
from ispbill.accounts.queries import roles_of_user
from ispbill.accounts.second_factors.queries import has_second_factor_here
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.matching import by_letters, mentioned
from ispbill.core.pagination import SortKey

_USERS = User.__table__.c
SORTS = {
    "name": SortKey((by_letters(_USERS.full_name), _USERS.id)),
    "email": SortKey((_USERS.email, _USERS.id)),
    "since": SortKey((_USERS.created_at, _USERS.id)),
}


def users(
    term: str = "", *, status: str | None = None, role_id: int | None = None, two_factor: bool | None = None,
) -> AnySelect:
    """The staff that fits, each with the names of their roles and whether they sign in with two factors."""
    statement: AnySelect = select(
        User, roles_of_user().label("role_names"), has_second_factor_here().label("two_factor"))
    if term:
        statement = statement.where(mentioned(term, User.full_name, User.email))
    if status == "invited":
        statement = statement.where(User.status == UserStatus.ACTIVE, User.password_hash.is_(None))
    elif status:
        has_password = or_(User.status != UserStatus.ACTIVE, User.password_hash.is_not(None))
        statement = statement.where(User.status == status, has_password)
    if two_factor is not None:
        statement = statement.where(has_second_factor_here() if two_factor else ~has_second_factor_here())
    if role_id:
        statement = statement.where(User.id.in_(select(UserRole.user_id).where(UserRole.role_id == role_id)))
    return statement


def user(user_id: int) -> User | None:
    """One user."""
    return db.session.get(User, user_id)


def user_with_email(email: str) -> User | None:
    """The user with an address in its stored spelling."""
    return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def administrators() -> Sequence[User]:
    """The owner and everybody who may change users, by address: who can let others in again."""
    may = select(UserRole.user_id).join(RolePermission, RolePermission.role_id == UserRole.role_id) \
        .where(RolePermission.permission == "change_user")
    return db.session.scalars(select(User).where(or_(User.is_owner, User.id.in_(may))).order_by(User.email)).all()


def owner() -> User | None:
    """The owner; None before the company is opened."""
    return db.session.scalars(select(User).where(User.is_owner)).one_or_none()


def status_of(person: User) -> str:
    """The state of a user's account as a list shows it."""
    is_locked = person.locked_until is not None and person.locked_until > current.now()
    return account_status(person.status, has_password=person.password_hash is not None, is_locked=is_locked)
