"""Resetting, setting and changing a password."""
from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.accounts import identity
from ispbill.accounts.blueprint import blueprint
from ispbill.accounts.passwords import queries
from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.passwords.forms import ChangePasswordForm, ResetForm, SetPasswordForm
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import public, signed_in
from ispbill.web.limiter import limiter
from ispbill.web.requests import found

_TOO_MANY = lazy("Too many requests from your address. Wait a minute and try again.")
_GONE = lazy("This link does not work any more: it was used, or a newer one was sent, or it is too old.")


@blueprint.route("/password/reset", methods=["GET", "POST"])
@public
@limiter.limit("5 per minute; 30 per hour", methods=["POST"], error_message=_TOO_MANY)
def reset() -> ResponseReturnValue:
    """Ask for a link; the answer is the same whether or not somebody has the address."""
    form = ResetForm()
    if form.validate_on_submit():
        passwords.request_reset(form.email.data)
        return render_template("accounts/reset_sent.html", email=form.email.data)
    return form_page("accounts/reset.html", form)


@blueprint.route("/password/set/<token>", methods=["GET", "POST"])
@public
@limiter.limit("30 per minute", error_message=_TOO_MANY)
def set_password(token: str) -> ResponseReturnValue:
    """Set a password by link; looking at the page does not use the link up."""
    user = found(queries.holder_of_link(token), _GONE)
    form = SetPasswordForm()
    if submit(form, lambda: passwords.set_by_link(token, password=form.password.data)):
        flash(_("Your password is set. Sign in with it."), "success")
        return redirect(url_for("accounts.sign_in"))
    return form_page("accounts/set_password.html", form, user=user)


@blueprint.route("/profile/password", methods=["GET", "POST"])
@signed_in
@limiter.limit("10 per minute", methods=["POST"], error_message=_TOO_MANY)
def change_password() -> ResponseReturnValue:
    """Change one's own password."""
    form = ChangePasswordForm()
    if submit(form, lambda: passwords.change(
        current.actor.user_id or 0, present=form.present.data, password=form.password.data,
        session_id=identity.session_id(),
    )):
        flash(_("Your password is changed. Other browsers are signed out."), "success")
        return redirect(url_for("accounts.profile"))
    return form_page("accounts/change_password.html", form)
