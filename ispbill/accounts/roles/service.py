"""Verbs of roles. Nobody gives, takes away, or puts into a role a right that they lack."""
from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, exists, insert, select

from ispbill.accounts import policy
from ispbill.accounts.models import Role, RolePermission, UserRole
from ispbill.accounts.roles.queries import permissions_in, rights, role_ids_of
from ispbill.audit import service as audit
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid, NotFound
from ispbill.core.i18n import gettext as _
from ispbill.core.permissions import ALL

_LONGEST_NAME, _LONGEST_DESCRIPTION = 60, 300


def add(
    name: str, *, description: str = "", permissions: Collection[str] = (), requires_second_factor: bool = False,
) -> Role:
    """A new role. Raises Invalid, Conflict for a name that is taken, Forbidden for rights the actor lacks."""
    role = Role(name=_checked_name(name), description=description.strip()[:_LONGEST_DESCRIPTION],
                requires_second_factor=requires_second_factor)
    db.session.add(role)
    db.session.flush()
    _permit(role, frozenset(permissions))
    return role


def change(
    role_id: int, *, name: str, description: str, permissions: Collection[str], requires_second_factor: bool = False,
) -> Role:
    """Give a role another name and other permissions. Raises what `add` does, NotFound for an unknown one.

    What a role is called and how its people sign in is changed only by who has all its rights: else somebody who may
    do less could take the second factor off those who may do more.
    """
    role = _locked(role_id)
    wanted = (_checked_name(name), description.strip()[:_LONGEST_DESCRIPTION], requires_second_factor)
    if wanted != (role.name, role.description, role.requires_second_factor):
        policy.check_may_give(current.actor, permissions_in(role_id), field="name")
    role.name, role.description, role.requires_second_factor = wanted
    db.session.flush()
    _permit(role, frozenset(permissions))
    return role


def remove(role_id: int) -> Role:
    """Remove a role. Raises Conflict while somebody has it, Forbidden where it holds what the actor lacks."""
    role = _locked(role_id)
    if db.session.scalar(select(exists().where(UserRole.role_id == role_id))):
        raise Conflict(_("Users have this role. Give them another one first."))
    policy.check_may_give(current.actor, permissions_in(role_id), field="permissions")
    db.session.delete(role)
    db.session.flush()
    return role


def assign(user_id: int, *, name: str, role_ids: Collection[int]) -> None:
    """Make these a user's roles. Raises Invalid for unknown ones, Forbidden where one exceeds the actor."""
    wanted, present = frozenset(role_ids), role_ids_of(user_id)
    known = {role.id: role for role in rights(wanted | present)}
    if wanted - known.keys():
        raise Invalid(_("Choose roles of the list."), field="role_ids")
    for role_id in wanted ^ present:
        policy.check_may_give(current.actor, known[role_id].permissions, field="role_ids")
    if wanted == present:
        return
    gone = UserRole.role_id.in_(present - wanted)
    db.session.execute(delete(UserRole).where(UserRole.user_id == user_id, gone))
    _insert_roles(user_id, wanted - present)
    audit.note("changed", entity="user", entity_id=user_id, label=name,
               before={"roles": sorted(known[role_id].name for role_id in present)},
               after={"roles": sorted(known[role_id].name for role_id in wanted)})


def _insert_roles(user_id: int, role_ids: Collection[int]) -> None:
    if role_ids:
        rows = [{"user_id": user_id, "role_id": role_id} for role_id in role_ids]
        db.session.execute(insert(UserRole), rows)


def _permit(role: Role, wanted: frozenset[str]) -> None:
    present = permissions_in(role.id)
    if wanted - ALL:
        raise Invalid(_("Choose permissions of the list."), field="permissions")
    policy.check_may_give(current.actor, wanted ^ present, field="permissions")
    if wanted == present:
        return
    gone = RolePermission.permission.in_(present - wanted)
    db.session.execute(delete(RolePermission).where(RolePermission.role_id == role.id, gone))
    if wanted - present:
        db.session.execute(insert(RolePermission), [
            {"role_id": role.id, "permission": code} for code in sorted(wanted - present)
        ])
    audit.note("changed", entity="role", entity_id=role.id, label=role.name,
               before={"permissions": present}, after={"permissions": wanted})


def _checked_name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise Invalid(_("Enter a name of at most %(longest_name)s characters.", longest_name=_LONGEST_NAME),
                      field="name")
    return name


def _locked(role_id: int) -> Role:
    role = db.session.get(Role, role_id, with_for_update=True)
    if role is None:
        raise NotFound(_("There is no such role."))
    return role
