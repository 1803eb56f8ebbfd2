"""Reads of the second factor: who has one, who must have one, how many recovery codes are left."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from ispbill.accounts.models import RecoveryCode, Role, SecondFactor, SignInRules, User, UserRole
from ispbill.core.db import db


def has_second_factor_here() -> ColumnElement[bool]:
    """Whether the enclosing query's user has a second factor."""
    return exists().where(SecondFactor.user_id == User.id).correlate(User)


def lacks_second_factor() -> ColumnElement[bool]:
    """Whether the enclosing query's user must have a second factor, by the company or a role, and has none."""
    by_role = exists().where(UserRole.user_id == User.id, Role.id == UserRole.role_id, Role.requires_second_factor)
    everybody = exists().where(SignInRules.requires_second_factor)
    return and_(or_(everybody, by_role.correlate(User)), ~has_second_factor_here())


def has_second_factor(user_id: int) -> bool:
    """Whether a user signs in with a second factor."""
    return bool(db.session.scalar(select(exists().where(SecondFactor.user_id == user_id))))


def must_have_second_factor(user_id: int) -> bool:
    """Whether the company or a role of the user asks for a second factor."""
    by_role = exists().where(UserRole.user_id == user_id, Role.id == UserRole.role_id, Role.requires_second_factor)
    return bool(db.session.scalar(select(or_(exists().where(SignInRules.requires_second_factor), by_role))))


def since(user_id: int) -> datetime | None:
    """When a user's second factor was set up; None where there is none."""
    return db.session.scalar(select(SecondFactor.created_at).where(SecondFactor.user_id == user_id))


def codes_left(user_id: int) -> int:
    """How many recovery codes of a user still work."""
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0


def everybody_must() -> bool:
    """Whether the company asks everybody for a second factor."""
    return bool(db.session.scalar(select(exists().where(SignInRules.requires_second_factor))))


def users_without() -> int:
    """How many of those who may sign in have no second factor."""
    lacking = select(func.count()).select_from(User).where(User.status == "active", ~has_second_factor_here())
    return db.session.scalar(lacking) or 0
