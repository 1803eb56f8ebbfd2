"""Pages of bundles: the list, a new one, one with its plans."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.catalogue import queries as catalogue
from ispbill.catalogue.bundles import queries
from ispbill.catalogue.bundles import service as verbs
from ispbill.catalogue.bundles.forms import BundleForm
from ispbill.catalogue.bundles.models import Bundle, BundleStatus
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found

blueprint = Blueprint("bundles", __name__, template_folder="templates")


@blueprint.get("/bundles")
@requires("view_subscriptionplan_list")
def index() -> ResponseReturnValue:
    """Every bundle."""
    wanted, status = asked(queries.SORTS, default="name"), chosen("status", BundleStatus)
    page = paginate(queries.listing(term=wanted.term, status=status), wanted.sort, cursor=wanted.cursor)
    return render_template("bundles/index.html", page=page, statuses=choices_of(BundleStatus, empty=_("Any status")))


@blueprint.get("/bundles/export")
@requires("view_subscriptionplan_list")
def export() -> Response:
    """What the filters show, a line for each plan of a bundle."""
    listing = queries.listing(term=asked(queries.SORTS, default="name").term, status=chosen("status", BundleStatus))
    currency = current.tenant.currency
    return csv_response("bundles", ("bundle", "status", "plan", "quantity", "price"), [
        (row.Bundle.name, row.Bundle.status, part.plan.name, part.quantity,
         None if part.unit_price_minor is None else to_major(part.unit_price_minor, currency))
        for row in queries.everything(listing) for part in row.Bundle.parts
    ])


@blueprint.route("/bundles/add", methods=["GET", "POST"])
@requires("add_subscriptionplan")
def add() -> ResponseReturnValue:
    """Plans under one name."""
    form = BundleForm()
    form.offer([(plan.id, plan.name) for plan in catalogue.offers(on=current.today())])
    bundle = submit(form, lambda: verbs.add(
        form.name.data or "", parts=form.parts(), description=form.description.data or ""
    ))
    if bundle:
        flash(_("%(name)s is on sale.", name=bundle.name), "success")
        return redirect(url_for("bundles.detail", bundle_id=bundle.id))
    return form_page("bundles/add.html", form)


@blueprint.get("/bundles/<int:bundle_id>")
@requires("view_subscriptionplan_list")
def detail(bundle_id: int) -> ResponseReturnValue:
    """A bundle and its plans."""
    return render_template("bundles/detail.html", bundle=_bundle(bundle_id))


@blueprint.post("/bundles/<int:bundle_id>/retire")
@requires("change_subscriptionplan")
def retire(bundle_id: int) -> ResponseReturnValue:
    """Sell a bundle no longer."""
    verbs.retire(_bundle(bundle_id))
    flash(_("It is sold no longer. Who has its plans keeps them."), "success")
    return redirect(url_for("bundles.detail", bundle_id=bundle_id))


@blueprint.post("/bundles/<int:bundle_id>/activate")
@requires("change_subscriptionplan")
def activate(bundle_id: int) -> ResponseReturnValue:
    """Sell a bundle again."""
    verbs.activate(_bundle(bundle_id))
    flash(_("It is on sale again."), "success")
    return redirect(url_for("bundles.detail", bundle_id=bundle_id))


def _bundle(bundle_id: int) -> Bundle:
    return found(queries.get(bundle_id), _("There is no such bundle."))
