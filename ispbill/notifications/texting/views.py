"""The page of the account for text messages, and where the provider reports what became of a text."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.i18n import gettext as _
from ispbill.notifications.texting import queries, service
from ispbill.notifications.texting.forms import SmsForm
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import public, requires
from ispbill.web.lists import chosen_id

blueprint = Blueprint("texting", __name__, template_folder="templates")


@blueprint.route("/settings/text-messages", methods=["GET", "POST"])
@requires("change_settings")
def account() -> ResponseReturnValue:
    """The account at the provider."""
    form = SmsForm(obj=queries.account())
    if submit(form, lambda: service.enter(form.terms)):
        flash(_("The settings are saved."), "success")
        return redirect(url_for("company.settings"))
    return form_page("texting/account.html", form)


@blueprint.post(service.REPORTS)
@public
def report() -> Response:
    """What became of a text; nobody but the provider can sign it, so it needs no form token."""
    service.note_report(chosen_id("message") or 0, request.form.to_dict(),
                        signature=request.headers.get("X-Twilio-Signature", ""))
    return Response(status=204)
