"""Roles: list, one role, the editor."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.accounts.blueprint import blueprint
from ispbill.accounts.policy import beyond
from ispbill.accounts.roles import queries
from ispbill.accounts.roles import service as verbs
from ispbill.accounts.roles.forms import RoleForm
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.core.permissions import ALL, GROUPS
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked
from ispbill.web.requests import found

_SORTS = {"name": queries.BY_NAME}
_NONE = lazy("There is no such role.")


@blueprint.get("/roles")
@requires("view_role_list")
def roles() -> ResponseReturnValue:
    """Every role."""
    wanted = asked(_SORTS, default="name")
    page = paginate(queries.roles(wanted.term), wanted.sort, cursor=wanted.cursor)
    return render_template("accounts/roles.html", page=page)


@blueprint.get("/roles/export")
@requires("view_role_list")
def export_roles() -> Response:
    """What the filters show, each role with its permissions: one line for each."""
    shown = queries.ids(asked(_SORTS, default="name").term)
    rows = [(role.name, code) for role in queries.rights(shown) for code in sorted(role.permissions)]
    return csv_response("roles", ("role", "permission"), rows)


@blueprint.get("/roles/<int:role_id>")
@requires("view_role_list")
def role(role_id: int) -> ResponseReturnValue:
    """What a role permits and who has it."""
    return render_template(
        "accounts/role.html", role=found(queries.role(role_id), _NONE), groups=GROUPS,
        permissions=queries.permissions_in(role_id), users=queries.users_with(role_id),
    )


@blueprint.route("/roles/add", methods=["GET", "POST"])
@requires("change_role")
def add_role() -> ResponseReturnValue:
    """A new role, by itself or like another."""
    like = request.args.get("like", type=_key)
    form = RoleForm()
    form.offer(queries.permissions_in(like) if like else ())
    added = submit(form, lambda: verbs.add(
        form.name.data, description=form.description.data, permissions=form.permissions(),
        requires_second_factor=form.requires_second_factor.data,
    ))
    if added:
        flash(_("The role “%(name)s” is added.", name=added.name), "success")
        return redirect(url_for("accounts.role", role_id=added.id))
    return form_page("accounts/edit_role.html", form, role=None, kept=frozenset(), presets=queries.rights(),
                     chosen_id=like, **_subset())


@blueprint.route("/roles/<int:role_id>/change", methods=["GET", "POST"])
@requires("change_role")
def change_role(role_id: int) -> ResponseReturnValue:
    """Another name, other permissions."""
    role = found(queries.role(role_id), _NONE)
    present = queries.permissions_in(role_id)
    form = RoleForm(obj=role)
    form.offer(present)
    if submit(form, lambda: verbs.change(
        role_id, name=form.name.data, description=form.description.data,
        permissions=form.permissions(present), requires_second_factor=form.requires_second_factor.data,
    )):
        flash(_("The role “%(name)s” is saved.", name=role.name), "success")
        return redirect(url_for("accounts.role", role_id=role_id))
    return form_page("accounts/edit_role.html", form, role=role, kept=form.kept(present), **_subset())


@blueprint.route("/roles/<int:role_id>/remove", methods=["GET", "POST"])
@requires("change_role")
def remove_role(role_id: int) -> ResponseReturnValue:
    """Remove a role that nobody has."""
    role = found(queries.role(role_id), _NONE)
    form = Form()
    if submit(form, lambda: verbs.remove(role_id)):
        flash(_("The role “%(name)s” is removed.", name=role.name), "success")
        return redirect(url_for("accounts.roles"))
    return form_page(
        "confirm.html", form, title=_("Remove the role “%(name)s”?", name=role.name), confirm_label=_("Remove role"),
        text=_("Only a role that no user has can be removed."),
        cancel_url=url_for("accounts.role", role_id=role_id),
    )


def _subset() -> dict[str, int]:
    """How many permissions there are, and how many of them the viewer lacks and so cannot give."""
    return {"total": len(ALL), "withheld": len(beyond(current.actor, ALL))}


def _key(text: str) -> int:
    return int(text[:18])
