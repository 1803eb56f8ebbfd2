"""The logo: the picture itself, for everybody who sees the company's pages; putting it up and taking it down."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.company.logo import policy
from ispbill.company.logo import service as verbs
from ispbill.company.logo.forms import LogoForm
from ispbill.company.queries import settings
from ispbill.core.i18n import gettext as _
from ispbill.files import queries as files
from ispbill.files.serving import attachment
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import public, requires
from ispbill.web.requests import found

blueprint = Blueprint("logo", __name__, template_folder="templates")


@blueprint.get("/logo")
@public
def logo() -> Response:
    """The picture, or no content; its address changes when it does, so browsers may keep it."""
    file_id = settings().logo_file_id
    if file_id is None:
        return Response(status=204)
    response = attachment(found(files.whole(file_id)))
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


@blueprint.get("/branding.css")
@public
def style_sheet() -> Response:
    """The company's colour and logo."""
    known = settings()
    logo_url = url_for("logo.logo", v=known.logo_file_id) if known.logo_file_id else None
    response = Response(policy.style_sheet(known.accent_colour, logo_url=logo_url), content_type="text/css")
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


@blueprint.route("/settings/logo", methods=["GET", "POST"])
@requires("change_settings")
def change() -> ResponseReturnValue:
    """Put a picture up."""
    form = LogoForm()
    if submit(form, lambda: verbs.change(form.file.data.read(), name=form.file.data.filename or "")):
        flash(_("The logo is saved. Other pages show it within a minute."), "success")
        return redirect(url_for("logo.change"))
    return form_page("logo/change.html", form, file_id=settings().logo_file_id)


@blueprint.route("/settings/logo/remove", methods=["GET", "POST"])
@requires("change_settings")
def remove() -> ResponseReturnValue:
    """Take it down."""
    form = Form()
    if submit(form, verbs.remove):
        flash(_("The logo is removed."), "success")
        return redirect(url_for("logo.change"))
    return form_page("confirm.html", form, title=_("Remove the logo?"), confirm_label=_("Remove logo"),
                     text=_("The first letter of your name stands in its place."), cancel_url=url_for("logo.change"))
