"""Signing in and out, one's own profile and the browsers one is signed in with."""
from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.accounts import identity, policy
from ispbill.accounts.blueprint import blueprint
from ispbill.accounts.roles import queries as roles
from ispbill.accounts.sessions import queries
from ispbill.accounts.sessions import service as sessions
from ispbill.accounts.sessions.forms import NameForm, SignInForm
from ispbill.accounts.users import queries as users
from ispbill.accounts.users import service as user_verbs
from ispbill.core.current import current
from ispbill.web.forms import Form, form_page, refuse, submit
from ispbill.web.guards import public, signed_in
from ispbill.web.limiter import limiter
from ispbill.web.requests import found

_TOO_MANY = "Too many attempts from your address. Wait a minute and try again."


@blueprint.route("/login", methods=["GET", "POST"])
@public
@limiter.limit("20 per minute; 200 per hour", methods=["POST"], error_message=_TOO_MANY)
def sign_in() -> ResponseReturnValue:
    """E-mail address and password; then on to where the visitor wanted to go."""
    form = SignInForm(next=policy.local_path(request.args.get("next")))
    following = policy.local_path(form.next.data) or "/"
    if current.actor.kind == "user" and not form.is_submitted():
        return redirect(following)
    if form.validate_on_submit():
        token = sessions.sign_in(form.email.data, password=form.password.data)
        if token is not None:
            identity.remember(token)
            return redirect(following)
        refuse(form, sessions.REFUSAL)
    return form_page("accounts/sign_in.html", form)


@blueprint.post("/logout")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End this session."""
    sessions.sign_out(identity.session_id())
    identity.forget()
    flash("You are signed out.", "success")
    return redirect(url_for("accounts.sign_in"))


@blueprint.route("/profile", methods=["GET", "POST"])
@signed_in
def profile() -> ResponseReturnValue:
    """One's own name, roles and sessions."""
    user = found(users.user(current.actor.user_id or 0))
    form = NameForm(obj=user)
    if submit(form, lambda: user_verbs.rename_oneself(form.full_name.data)):
        flash("Your name is saved.", "success")
        return redirect(url_for("accounts.profile"))
    return form_page("accounts/profile.html", form, user=user, session_id=identity.session_id(),
                     roles=roles.rights(roles.role_ids_of(user.id)), sessions=queries.live_sessions(user.id))


@blueprint.post("/profile/sessions/<int:session_id>/revoke")
@signed_in
def revoke_own_session(session_id: int) -> ResponseReturnValue:
    """Sign out another browser of one's own."""
    sessions.revoke(session_id, user_id=current.actor.user_id or 0)
    flash("That browser is signed out.", "success")
    return redirect(url_for("accounts.profile"))


@blueprint.route("/profile/sessions/revoke-others", methods=["GET", "POST"])
@signed_in
def revoke_other_sessions() -> ResponseReturnValue:
    """Sign out every other browser of one's own."""
    form = Form()
    if form.validate_on_submit():
        ended = sessions.revoke_all(current.actor.user_id or 0, except_id=identity.session_id())
        flash(f"{ended} other browsers are signed out.", "success")
        return redirect(url_for("accounts.profile"))
    return render_template(
        "confirm.html", title="Sign out everywhere else?", text="Only this browser stays signed in.",
        form=form, confirm_label="Sign out elsewhere", cancel_url=url_for("accounts.profile"),
    )
