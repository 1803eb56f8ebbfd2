"""Staff users, their roles, and what proves who they are. Secrets are stored as digests only."""
from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel


class UserStatus(StrEnum):
    """Whether a user may sign in."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class User(TenantModel):
    """A member of the ISP's staff, of this tenant only. The e-mail address is stored in lower case."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("status IN ('active', 'deactivated')", name="status"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        Index("uq_users_one_owner", "is_owner", unique=True, postgresql_where=text("is_owner")),
    )

    email: Mapped[str]
    full_name: Mapped[str]
    password_hash: Mapped[str | None]
    is_owner: Mapped[bool] = mapped_column(server_default=text("false"))
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    failed_sign_in_count: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None]
    last_signed_in_at: Mapped[datetime | None]
    news_seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    roles: Mapped[list[Role]] = relationship(secondary="user_roles", lazy="raise", order_by="Role.name")


class Role(TenantModel):
    """A named set of permissions."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default=text("''"))
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    requires_second_factor: Mapped[bool] = mapped_column(server_default=text("false"))

    permissions: Mapped[list[RolePermission]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="RolePermission.permission"
    )


class RolePermission(TenantModel):
    """One permission of a role."""

    __tablename__ = "role_permissions"
    __audited__ = False
    __table_args__ = (UniqueConstraint("role_id", "permission"),)

    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id", ondelete="CASCADE"))
    permission: Mapped[str]


class UserRole(TenantModel):
    """A role that a user has."""

    __tablename__ = "user_roles"
    __audited__ = False
    __table_args__ = (UniqueConstraint("user_id", "role_id"), Index("ix_user_roles_role_id", "role_id"))

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id", ondelete="RESTRICT"))


class UserSession(TenantModel):
    """A signed-in browser; ends by signing out, revocation or time.

    While it awaits the second factor it opens nothing: only the password was given.
    """

    __tablename__ = "user_sessions"
    __audited__ = False
    __table_args__ = (UniqueConstraint("token_digest"), Index("ix_user_sessions_user_id", "user_id"))

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_digest: Mapped[str]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    awaits_second_factor: Mapped[bool] = mapped_column(server_default=text("false"))

    user: Mapped[User] = relationship(lazy="raise")


class SecondFactor(TenantModel):
    """The app of a user that shows six digits for each half minute (TOTP, RFC 6238).

    `last_step` is the half minute of the last code that was taken: neither it nor an earlier one is taken again.
    """

    __tablename__ = "second_factors"
    __audited__ = False
    __table_args__ = (UniqueConstraint("user_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    sealed_secret: Mapped[str]
    last_step: Mapped[int]
    failed_count: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RecoveryCode(TenantModel):
    """A code that works once instead of the app's, kept as a keyed digest."""

    __tablename__ = "recovery_codes"
    __audited__ = False
    __table_args__ = (UniqueConstraint("user_id", "code_digest"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_digest: Mapped[str]
    used_at: Mapped[datetime | None]


class SignInRules(TenantModel):
    """What signing in asks of everybody here: exactly one row, with the id 1. A role may ask for more."""

    __tablename__ = "sign_in_rules"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    requires_second_factor: Mapped[bool] = mapped_column(server_default=text("false"))


class OneTimeToken(TenantModel):
    """A link sent by e-mail that sets a password once: for a reset or an invitation."""

    __tablename__ = "one_time_tokens"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("token_digest"),
        Index("ix_one_time_tokens_user_id", "user_id"),
        CheckConstraint("purpose IN ('reset', 'invitation')", name="purpose"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    token_digest: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")


class ApiToken(TenantModel):
    """A bearer token of a user for the REST API, limited to scopes (permissions) the user also holds."""

    __tablename__ = "api_tokens"
    __table_args__ = (UniqueConstraint("token_digest"), Index("ix_api_tokens_user_id", "user_id"))

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    token_digest: Mapped[str]
    prefix: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")
