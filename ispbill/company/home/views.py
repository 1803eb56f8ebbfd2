"""The page of time zone and currency."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.company.home import policy, service
from ispbill.company.home.forms import HomeForm
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.web.forms import form_page, options, submit
from ispbill.web.guards import requires

blueprint = Blueprint("home", __name__, template_folder="templates")


@blueprint.route("/settings/home", methods=["GET", "POST"])
@requires("change_settings")
def move() -> ResponseReturnValue:
    """By which clock the company lives, and in what it counts."""
    form = HomeForm(obj=current.tenant)
    form.timezone.choices = options((name, name) for name in sorted(policy.time_zones()))
    if submit(form, lambda: [service.move(timezone=form.timezone.data, currency=form.currency.data or "")]):
        flash(_("The settings are saved."), "success")
        return redirect(url_for("company.settings"))
    return form_page("home/move.html", form)
