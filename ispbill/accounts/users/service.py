"""Verbs of the staff. Nobody changes a user who may do more than they may; the owner cannot be put out."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.dialects import postgresql

from ispbill.accounts import policy
from ispbill.accounts.models import User, UserStatus
from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.passwords.service import LinkPurpose
from ispbill.accounts.queries import permissions_of
from ispbill.accounts.roles import service as roles
from ispbill.accounts.roles.queries import role_ids_of
from ispbill.accounts.second_factors import service as second_factors
from ispbill.accounts.second_factors.queries import has_second_factor
from ispbill.accounts.sessions import service as sessions
from ispbill.accounts.users import queries
from ispbill.audit import service as audit
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, NotFound
from ispbill.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Invited:
    """A user who has been sent a link, and the link for whoever invited them."""

    user: User
    url: str


def register_owner(email: str, *, full_name: str, password_hash: str | None = None) -> str | None:
    """Make the first user, who owns the company; for whoever opens it, so nobody's rights are asked.

    The password is checked and hashed by the caller, who has better things to do than to wait for it. Without one
    returns the token of a link that sets one, as long as the owner has none. The same call again changes nothing.
    Raises Conflict where somebody else owns the company.
    """
    address = policy.stored_spelling(email)
    owner = _owner_made(address, policy.checked_name(full_name))
    if owner is None or owner.email != address:
        raise Conflict(_("This company has another owner."), field="owner_email")
    if owner.password_hash is not None:
        return None
    if password_hash is None:
        return passwords.issue_token(owner)
    owner.password_hash = password_hash
    db.session.flush()
    return None


def restore_owner() -> str:
    """Let an owner in again who has lost password or telephone: the address at which they set a password, once.

    They are signed out everywhere and sign in without a second factor, until they set it up again. Raises NotFound
    before the company is opened.
    """
    user = queries.owner()
    if user is None:
        raise NotFound(_("This company has no owner yet."))
    user.failed_sign_in_count, user.locked_until = 0, None
    db.session.flush()
    second_factors.forget(user, action="second_factor_reset")
    sessions.revoke_all(user.id)
    audit.note("access_restored", entity="user", entity_id=user.id, label=user.full_name)
    return passwords.set_password_url(passwords.issue_token(user))


def invite(email: str, *, full_name: str, role_ids: Collection[int]) -> Invited:
    """Add a user and send them a link to set their password.

    Raises Invalid for a bad address or role, Conflict for one who is here already, Forbidden for roles that
    hold more than the actor does.
    """
    address = policy.normal_email(email)
    if queries.user_with_email(address) is not None:
        raise Conflict(_("There is already a user with this e-mail address."), field="email")
    user = User(email=address, full_name=policy.checked_name(full_name), created_at=current.now())
    db.session.add(user)
    db.session.flush()
    roles.assign(user.id, name=user.full_name, role_ids=role_ids)
    return _send_invitation(user)


def invite_again(user_id: int) -> Invited:
    """Send a new link to somebody who has not set a password yet; the former link stops working."""
    user = _changeable(user_id)
    if user.password_hash is not None or user.status != UserStatus.ACTIVE:
        raise Conflict(_("%(full_name)s does not wait for an invitation.", full_name=user.full_name))
    return _send_invitation(user)


def change(user_id: int, *, full_name: str, email: str, role_ids: Collection[int]) -> User:
    """Change a user's name, address and roles.

    Links sent to a former address stop working, and so does the invitation of somebody who is given more:
    whoever invited them may know it.
    """
    user = _changeable(user_id)
    address = policy.normal_email(email)
    grows = user.password_hash is None and frozenset(role_ids) - role_ids_of(user_id)
    if address != user.email or grows:
        passwords.cancel_links(user_id)
    user.full_name, user.email = policy.checked_name(full_name), address
    db.session.flush()
    roles.assign(user_id, name=user.full_name, role_ids=role_ids)
    return user


def rename_oneself(full_name: str) -> User:
    """Change the name of whoever is signed in."""
    user = db.session.get_one(User, current.actor.user_id)
    user.full_name = policy.checked_name(full_name)
    db.session.flush()
    return user


def deactivate(user_id: int) -> User:
    """Keep a user out: their sessions end, their links and tokens stop working."""
    user = _changeable(user_id)
    if user.is_owner:
        raise Conflict(_("The owner of the company cannot be deactivated."))
    if user_id == current.actor.user_id:
        raise Conflict(_("You cannot deactivate yourself."))
    user.status = UserStatus.DEACTIVATED
    passwords.cancel_links(user_id)
    sessions.revoke_all(user_id)
    db.session.flush()
    return user


def activate(user_id: int) -> User:
    """Let a user in again, and forget failed sign-ins."""
    user = _changeable(user_id)
    user.status, user.failed_sign_in_count, user.locked_until = UserStatus.ACTIVE, 0, None
    db.session.flush()
    return user


def withdraw_invitation(user_id: int) -> User:
    """Make the link useless that somebody was sent who has no password yet, and keep them out.

    Raises Conflict for whom does not wait for an invitation.
    """
    user = _changeable(user_id)
    if user.password_hash is not None or user.status != UserStatus.ACTIVE:
        raise Conflict(_("%(full_name)s does not wait for an invitation.", full_name=user.full_name))
    user.status = UserStatus.DEACTIVATED
    passwords.cancel_links(user_id)
    db.session.flush()
    return user


def reset_second_factor(user_id: int) -> User:
    """Take the second factor of somebody who has lost it away, and sign them out everywhere.

    Raises Conflict for one's own, which a code turns off, and where there is none.
    """
    user = _changeable(user_id)
    if user_id == current.actor.user_id:
        raise Conflict(_("Turn your own two-factor sign-in off in your profile."))
    if not has_second_factor(user_id):
        raise Conflict(_("%(full_name)s does not sign in with two factors.", full_name=user.full_name))
    second_factors.forget(user, action="second_factor_reset")
    sessions.revoke_all(user_id)
    return user


def sign_out_everywhere(user_id: int) -> int:
    """End every session of another user; returns how many ended."""
    return sessions.revoke_all(_changeable(user_id).id)


def sign_out_elsewhere(user_id: int, *, session_id: int) -> None:
    """End one session of another user."""
    sessions.revoke(session_id, user_id=_changeable(user_id).id)


def _owner_made(address: str, name: str) -> User | None:
    # Two openings at once must end with one owner: the unique index decides, not a look before the insert.
    made = db.session.execute(postgresql.insert(User).values(
        email=address, full_name=name, is_owner=True, created_at=current.now(),
    ).on_conflict_do_nothing().returning(User.id)).scalar_one_or_none()
    if made is not None:
        audit.note("created", entity="user", entity_id=made, label=name,
                   after={"email": address, "full_name": name, "is_owner": True})
    return queries.owner()


def _send_invitation(user: User) -> Invited:
    token = passwords.send_link(user, LinkPurpose.INVITATION)
    return Invited(user=user, url=passwords.set_password_url(token))


def _changeable(user_id: int) -> User:
    user = db.session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound(_("There is no such user."))
    if user_id != current.actor.user_id:
        policy.check_may_change(current.actor, holds=permissions_of(user_id), is_owner=user.is_owner,
                                name=user.full_name)
    return user
