"""Photos on the page of an installation: shown, added, removed. A picture is sent as an attachment."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.files import queries as files
from ispbill.files.serving import attachment
from ispbill.subscriptions.blueprint import blueprint
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.photos import queries
from ispbill.subscriptions.photos import service as verbs
from ispbill.subscriptions.photos.forms import PhotoForm
from ispbill.subscriptions.photos.models import InstallationPhoto
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_NONE, _NO_LINE = lazy("There is no such photo."), lazy("There is no such installation.")


@blueprint.get("/installations/photos/<int:photo_id>")
@requires("view_installation_list")
def photo(photo_id: int) -> Response:
    """The picture."""
    return attachment(found(files.whole(_photo(photo_id).file_id), _NONE))


@blueprint.route("/installations/<int:installation_id>/photos/add", methods=["GET", "POST"])
@requires("change_installation_status")
def add_photo(installation_id: int) -> ResponseReturnValue:
    """A new photo of an installation."""
    line = found(installations.get(installation_id), _NO_LINE)
    form, here = PhotoForm(), url_for("subscriptions.installation", installation_id=installation_id)
    if submit(form, lambda: verbs.add(
        line, content=form.file.data.read(), name=form.file.data.filename or "", caption=form.caption.data,
    )):
        flash(_("The photo is added."), "success")
        return redirect(here)
    return form_page("photos/add.html", form, line=line, back=here)


@blueprint.route("/installations/photos/<int:photo_id>/remove", methods=["GET", "POST"])
@requires("change_installation_status")
def remove_photo(photo_id: int) -> ResponseReturnValue:
    """Forget a photo."""
    one, form = _photo(photo_id), Form()
    here = url_for("subscriptions.installation", installation_id=one.installation_id)
    if submit(form, lambda: verbs.remove(one)):
        flash(_("The photo is removed."), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Remove this photo?"), text=one.caption or one.file.name,
                     consequences=[_("It cannot be brought back")], confirm_label=_("Remove photo"), cancel_url=here)


def photos_panel(installation_id: int) -> Markup:
    """The photos of an installation, on its page."""
    photos = queries.of_installation(installation_id)
    return Markup(render_template("photos/_of_installation.html", photos=photos, installation_id=installation_id))


def _photo(photo_id: int) -> InstallationPhoto:
    return found(queries.get(photo_id), _NONE)
