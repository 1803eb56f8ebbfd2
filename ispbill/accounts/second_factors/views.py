"""The second factor: the code after the password, setting it up, recovery codes, turning it off, the company's rule."""
from __future__ import annotations

import segno
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.accounts import identity
from ispbill.accounts.blueprint import blueprint
from ispbill.accounts.policy import local_path
from ispbill.accounts.second_factors import policy, queries
from ispbill.accounts.second_factors import service as verbs
from ispbill.accounts.second_factors.forms import CodeForm, RulesForm, SetUpForm, SignInCodeForm
from ispbill.accounts.users import queries as users
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.web.forms import form_page, refuse, submit
from ispbill.web.guards import public, requires, signed_in
from ispbill.web.limiter import limiter
from ispbill.web.requests import found

_TOO_MANY = lazy("Too many attempts from your address. Wait a minute and try again.")


@blueprint.route("/login/code", methods=["GET", "POST"])
@public
@limiter.limit("20 per minute; 200 per hour", methods=["POST"], error_message=_TOO_MANY)
def give_code() -> ResponseReturnValue:
    """The second step of signing in."""
    half = identity.half_session()
    form = SignInCodeForm(next=local_path(request.args.get("next")))
    if half is None:
        flash(_("It took too long. Sign in once more."), "info")
        return redirect(url_for("accounts.sign_in", next=local_path(form.next.data)))
    if form.validate_on_submit():
        opened = verbs.present(half, code=form.code.data)
        if opened is not None:
            identity.remember(opened.token)
            return redirect(local_path(form.next.data) or url_for("accounts.home"))
        refuse(form, verbs.REFUSAL)
    return form_page("accounts/give_code.html", form, name=half.full_name)


@blueprint.route("/profile/two-factor/set-up", methods=["GET", "POST"])
@signed_in
@limiter.limit("10 per minute", methods=["POST"], error_message=_TOO_MANY)
def set_up_second_factor() -> ResponseReturnValue:
    """Scan, enter the first code, and see the recovery codes, this once."""
    user = found(users.user(current.actor.user_id or 0))
    form = SetUpForm(next=local_path(request.args.get("next")))
    new = verbs.enrolment(user.id, sealed=form.sealed.data or "")
    form.sealed.data = new.sealed
    codes = submit(form, lambda: verbs.set_up(
        user.id, sealed=new.sealed, code=form.code.data, password=form.password.data, session_id=identity.session_id(),
    ))
    if codes:
        following = local_path(form.next.data) or url_for("accounts.profile")
        return render_template("accounts/recovery_codes.html", codes=codes, following=following)
    picture = _picture(policy.address(new.secret, account=user.email, company=current.tenant.name))
    return form_page("accounts/set_up_second_factor.html", form, picture=picture, secret=policy.spelled(new.secret),
                     is_asked_for=queries.must_have_second_factor(user.id))


@blueprint.route("/profile/two-factor/recovery-codes", methods=["GET", "POST"])
@signed_in
@limiter.limit("10 per minute", methods=["POST"], error_message=_TOO_MANY)
def renew_recovery_codes() -> ResponseReturnValue:
    """New recovery codes for a code."""
    form = CodeForm()
    if form.validate_on_submit():
        codes = verbs.renew_codes(current.actor.user_id or 0, code=form.code.data)
        if codes:
            return render_template("accounts/recovery_codes.html", codes=codes, following=url_for("accounts.profile"))
        refuse(form, verbs.REFUSAL)
    return form_page(
        "confirm.html", form, title=_("Make new recovery codes?"), text=_(
                "The former ones stop working."), style="primary",
        confirm_label=_("Make new codes"), cancel_url=url_for("accounts.profile"),
    )


@blueprint.route("/profile/two-factor/turn-off", methods=["GET", "POST"])
@signed_in
@limiter.limit("10 per minute", methods=["POST"], error_message=_TOO_MANY)
def turn_off_second_factor() -> ResponseReturnValue:
    """Back to the password alone."""
    form = CodeForm()
    if form.validate_on_submit():
        if verbs.turn_off(current.actor.user_id or 0, code=form.code.data):
            flash(_("Two-factor sign-in is off."), "success")
            return redirect(url_for("accounts.profile"))
        refuse(form, verbs.REFUSAL)
    return form_page(
        "confirm.html", form, title=_("Turn two-factor sign-in off?"), confirm_label=_("Turn off"),
        text=_("Whoever knows your password can then sign in as you."), cancel_url=url_for("accounts.profile"),
    )


@blueprint.route("/settings/sign-in", methods=["GET", "POST"])
@requires("change_settings")
def sign_in_rules() -> ResponseReturnValue:
    """What signing in asks of everybody."""
    form = RulesForm(data={"requires_second_factor": queries.everybody_must()})
    if submit(form, lambda: verbs.ask_everybody(form.requires_second_factor.data)):
        flash(_("The settings are saved."), "success")
        return redirect(url_for("company.settings"))
    return form_page("accounts/sign_in_rules.html", form, lacking=queries.users_without(),
                     has_own=queries.has_second_factor(current.actor.user_id or 0))


def _picture(text: str) -> Markup:
    drawing = segno.make(text, error="m").svg_inline(scale=4, border=3, light="#fff", svgclass=None, lineclass=None)
    return Markup(drawing)
