"""The staff: list, invitation, one user, putting out and letting in; one's own profile."""
from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select

from ispbill import config
from ispbill.accounts import identity
from ispbill.accounts.blueprint import blueprint
from ispbill.accounts.passwords import queries as passwords
from ispbill.accounts.roles import queries as roles
from ispbill.accounts.second_factors import queries as second_factors
from ispbill.accounts.sessions import queries as sessions
from ispbill.accounts.sessions import service as session_verbs
from ispbill.accounts.sessions.policy import browser_name
from ispbill.accounts.users import queries
from ispbill.accounts.users import service as verbs
from ispbill.accounts.users.forms import NameForm, UserForm
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires, signed_in
from ispbill.web.lists import asked, chosen_id
from ispbill.web.requests import found

_NOBODY = lazy("There is no such user.")


@blueprint.get("/users")
@requires("view_user_list")
def users() -> ResponseReturnValue:
    """Everybody who can sign in, or could."""
    wanted = asked(queries.SORTS, default="name")
    page = paginate(_filtered(wanted.term), wanted.sort, cursor=wanted.cursor)
    return render_template("accounts/users.html", page=page, roles=roles.rights(),
                           status_of=queries.status_of)


@blueprint.get("/users/export")
@requires("view_user_list")
def export_users() -> Response:
    """The list as a file."""
    wanted = asked(queries.SORTS, default="name")
    rows = db.session.execute(_filtered(wanted.term).order_by(*wanted.sort.columns))
    header = ("name", "email", "status", "roles", "owner", "two_factor", "last_signed_in_at", "created_at")
    return csv_response("users", header, (
        (user.full_name, user.email, queries.status_of(user), names, user.is_owner, two_factor, user.last_signed_in_at,
         user.created_at) for user, names, two_factor in rows
    ))


@blueprint.route("/users/invite", methods=["GET", "POST"])
@requires("invite_user")
def invite_user() -> ResponseReturnValue:
    """Add somebody and send them a link."""
    form = UserForm.empty()
    invited = submit(form, lambda: verbs.invite(
        form.email.data, full_name=form.full_name.data, role_ids=form.chosen(),
    ))
    if invited:
        return _invited(invited)
    return form_page("accounts/invite.html", form)


@blueprint.get("/users/<int:user_id>")
@requires("view_user_list")
def user(user_id: int) -> ResponseReturnValue:
    """One user: what they may do, where they are signed in."""
    person = found(queries.user(user_id), _NOBODY)
    return render_template(
        "accounts/user.html", person=person, status=queries.status_of(person),
        roles=roles.rights(roles.role_ids_of(user_id)), sessions=sessions.live_sessions(user_id),
        browser_name=browser_name, two_factor_since=second_factors.since(user_id),
        invitation=passwords.invitation_of(user_id), viewer_id=current.actor.user_id,
    )


@blueprint.route("/users/<int:user_id>/change", methods=["GET", "POST"])
@requires("change_user")
def change_user(user_id: int) -> ResponseReturnValue:
    """Change name, address and roles."""
    person = found(queries.user(user_id), _NOBODY)
    present = roles.role_ids_of(user_id)
    form = UserForm.of(person, role_ids=present)
    if submit(form, lambda: verbs.change(
        user_id, full_name=form.full_name.data, email=form.email.data, role_ids=form.chosen(present),
    )):
        flash(_("%(full_name)s is saved.", full_name=person.full_name), "success")
        return redirect(url_for("accounts.user", user_id=user_id))
    return form_page("accounts/change_user.html", form, person=person)


@blueprint.post("/users/<int:user_id>/invite")
@requires("invite_user")
def invite_user_again(user_id: int) -> ResponseReturnValue:
    """Send a new invitation."""
    return _invited(verbs.invite_again(user_id))


@blueprint.route("/users/<int:user_id>/withdraw", methods=["GET", "POST"])
@requires("invite_user")
def withdraw_invitation(user_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    person = found(queries.user(user_id), _NOBODY)
    form = Form()
    if submit(form, lambda: verbs.withdraw_invitation(user_id)):
        flash(_("The invitation of %(full_name)s is withdrawn.", full_name=person.full_name), "success")
        return redirect(url_for("accounts.user", user_id=user_id))
    return form_page(
        "confirm.html", form, title=_("Withdraw the invitation of %(full_name)s?", full_name=person.full_name),
        confirm_label=_("Withdraw invitation"),
        text=_("The link they were sent stops working. You can activate and invite them again."),
        cancel_url=url_for("accounts.user", user_id=user_id),
    )


@blueprint.route("/users/<int:user_id>/deactivate", methods=["GET", "POST"])
@requires("deactivate_user")
def deactivate_user(user_id: int) -> ResponseReturnValue:
    """Keep somebody out."""
    person = found(queries.user(user_id), _NOBODY)
    form = Form()
    if submit(form, lambda: verbs.deactivate(user_id)):
        flash(_("%(full_name)s cannot sign in any more.", full_name=person.full_name), "success")
        return redirect(url_for("accounts.user", user_id=user_id))
    return form_page(
        "confirm.html", form, title=_("Deactivate %(full_name)s?", full_name=person.full_name),
        text=_("They cannot sign in any more. What they did keeps their name, and you can activate them again."),
        consequences=[_("Their browsers are signed out at once"), _("Their API tokens and links stop working")],
        confirm_label=_("Deactivate user"), cancel_url=url_for("accounts.user", user_id=user_id),
    )


@blueprint.post("/users/<int:user_id>/activate")
@requires("deactivate_user")
def activate_user(user_id: int) -> ResponseReturnValue:
    """Let somebody in again, also after a lock-out."""
    person = verbs.activate(user_id)
    flash(_("%(full_name)s can sign in.", full_name=person.full_name), "success")
    return redirect(url_for("accounts.user", user_id=user_id))


@blueprint.route("/users/<int:user_id>/reset-two-factor", methods=["GET", "POST"])
@requires("change_user")
def reset_second_factor(user_id: int) -> ResponseReturnValue:
    """Help somebody who has lost their telephone."""
    person = found(queries.user(user_id), _NOBODY)
    form = Form()
    if submit(form, lambda: verbs.reset_second_factor(user_id)):
        flash(_("%(full_name)s signs in with the password alone now.", full_name=person.full_name), "success")
        return redirect(url_for("accounts.user", user_id=user_id))
    return form_page(
        "confirm.html", form, title=_("Reset two-factor sign-in of %(full_name)s?", full_name=person.full_name),
        confirm_label=_("Reset two-factor sign-in"),
        text=_("For somebody who has lost their telephone and recovery codes. Make sure that it is them who asks."),
        consequences=[_("Their app and recovery codes stop working"), _("Their browsers are signed out at once"),
                      _("They are told by e-mail, and the audit log keeps that you did it")],
        cancel_url=url_for("accounts.user", user_id=user_id),
    )


@blueprint.route("/users/<int:user_id>/sessions/revoke-all", methods=["GET", "POST"])
@requires("change_user")
def revoke_sessions(user_id: int) -> ResponseReturnValue:
    """Sign a user out everywhere."""
    person = found(queries.user(user_id), _NOBODY)
    form = Form()
    if form.validate_on_submit():
        verbs.sign_out_everywhere(user_id)
        flash(_("%(full_name)s is signed out everywhere.", full_name=person.full_name), "success")
        return redirect(url_for("accounts.user", user_id=user_id))
    return form_page(
        "confirm.html", form, title=_("Sign %(full_name)s out everywhere?", full_name=person.full_name),
        confirm_label=_("Sign out everywhere"),
        text=_("Each browser asks for the password again. API tokens keep working."),
        cancel_url=url_for("accounts.user", user_id=user_id),
    )


@blueprint.post("/users/<int:user_id>/sessions/<int:session_id>/revoke")
@requires("change_user")
def revoke_session(user_id: int, session_id: int) -> ResponseReturnValue:
    """Sign a user's browser out."""
    verbs.sign_out_elsewhere(user_id, session_id=session_id)
    flash(_("That browser is signed out."), "success")
    return redirect(url_for("accounts.user", user_id=user_id))


@blueprint.route("/profile", methods=["GET", "POST"])
@signed_in
def profile() -> ResponseReturnValue:
    """One's own name, roles and sessions."""
    user = found(queries.user(current.actor.user_id or 0))
    form = NameForm(obj=user)
    if submit(form, lambda: verbs.rename_oneself(form.full_name.data)):
        flash(_("Your name is saved."), "success")
        return redirect(url_for("accounts.profile"))
    return form_page(
        "accounts/profile.html", form, user=user, session_id=identity.session_id(), browser_name=browser_name,
        roles=roles.rights(roles.role_ids_of(user.id)), sessions=sessions.live_sessions(user.id),
        two_factor_since=second_factors.since(user.id), codes_left=second_factors.codes_left(user.id),
        is_asked_for=second_factors.must_have_second_factor(user.id),
    )


@blueprint.post("/profile/sessions/<int:session_id>/revoke")
@signed_in
def revoke_own_session(session_id: int) -> ResponseReturnValue:
    """Sign out another browser of one's own."""
    session_verbs.revoke(session_id, user_id=current.actor.user_id or 0)
    flash(_("That browser is signed out."), "success")
    return redirect(url_for("accounts.profile"))


@blueprint.route("/profile/sessions/revoke-others", methods=["GET", "POST"])
@signed_in
def revoke_other_sessions() -> ResponseReturnValue:
    """Sign out every other browser of one's own."""
    form = Form()
    if form.validate_on_submit():
        ended = session_verbs.revoke_all(current.actor.user_id or 0, except_id=identity.session_id())
        flash(_("%(ended)s other browsers are signed out.", ended=ended), "success")
        return redirect(url_for("accounts.profile"))
    return render_template(
        "confirm.html", title=_("Sign out everywhere else?"), text=_("Only this browser stays signed in."),
        form=form, confirm_label=_("Sign out elsewhere"), cancel_url=url_for("accounts.profile"),
    )


def _filtered(term: str) -> Select[Any]:
    status = request.args.get("status", "")
    return queries.users(term, status=status if status in ("active", "invited", "deactivated") else None,
                         role_id=chosen_id("role"),
                         two_factor={"on": True, "off": False}.get(request.args.get("two_factor", "")))


def _invited(invited: verbs.Invited) -> ResponseReturnValue:
    if config.settings().smtp_url is None:
        return render_template("accounts/invited.html", person=invited.user, url=invited.url)
    flash(_("An invitation is on its way to %(email)s.", email=invited.user.email), "success")
    return redirect(url_for("accounts.user", user_id=invited.user.id))
