"""Signing in and out."""
from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.accounts import identity, policy
from ispbill.accounts.blueprint import blueprint
from ispbill.accounts.sessions import service as sessions
from ispbill.accounts.sessions.forms import SignInForm
from ispbill.accounts.sessions.service import Opened
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.web import navigation
from ispbill.web.forms import form_page, refuse
from ispbill.web.guards import public, signed_in
from ispbill.web.limiter import limiter

_TOO_MANY = lazy("Too many attempts from your address. Wait a minute and try again.")


@blueprint.route("/login", methods=["GET", "POST"])
@public
@limiter.limit("20 per minute; 200 per hour", methods=["POST"], error_message=_TOO_MANY)
def sign_in() -> ResponseReturnValue:
    """E-mail address and password; then on to where the visitor wanted to go."""
    form = SignInForm(next=policy.local_path(request.args.get("next")))
    following = policy.local_path(form.next.data) or url_for("accounts.home")
    if current.actor.kind == "user" and not form.is_submitted():
        return redirect(following)
    if form.validate_on_submit():
        opened = sessions.sign_in(form.email.data, password=form.password.data)
        if opened is not None:
            return _admitted(opened, following)
        refuse(form, sessions.REFUSAL)
    return form_page("accounts/sign_in.html", form)


@blueprint.get("/home")
@signed_in
def home() -> ResponseReturnValue:
    """Where work begins for whoever is signed in: the first page they may open, else their profile."""
    return redirect(navigation.first_page(current.actor) or url_for("accounts.profile"))


@blueprint.post("/logout")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End this session."""
    sessions.sign_out(identity.session_id())
    identity.forget()
    flash(_("You are signed out."), "success")
    return redirect(url_for("accounts.sign_in"))


def _admitted(opened: Opened, following: str) -> ResponseReturnValue:
    if opened.awaits_second_factor:
        identity.remember_half(opened.token)
        return redirect(url_for("accounts.give_code", next=following))
    identity.remember(opened.token)
    return redirect(following)
