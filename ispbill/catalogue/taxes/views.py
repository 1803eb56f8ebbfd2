"""Pages of taxes: the list, one tax with its versions, and the verbs."""
from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.catalogue.models import TaxRate
from ispbill.catalogue.taxes import queries
from ispbill.catalogue.taxes import service as verbs
from ispbill.catalogue.taxes.forms import KIND_LABELS, TaxForm, TaxNameForm, UsualTaxForm, VersionForm, entered
from ispbill.catalogue.taxes.policy import TaxVersion, version_on
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("taxes", __name__, template_folder="templates")
_NONE = lazy("There is no such tax.")


@blueprint.get("/taxes")
@requires("view_subscriptionplan_list")
def index() -> ResponseReturnValue:
    """Every tax."""
    return render_template("taxes/index.html", taxes=queries.listing())


@blueprint.get("/taxes/export")
@requires("view_subscriptionplan_list")
def export() -> Response:
    """Every tax as a file."""
    header = ("name", "rate_percent", "mode", "in_use", "plans")
    return csv_response("taxes", header, [
        (tax.name, tax.rate_percent, tax.mode, "yes" if tax.is_active else "no", tax.plan_count)
        for tax in queries.listing()
    ])


@blueprint.route("/taxes/add", methods=["GET", "POST"])
@requires("add_subscriptionplan")
def add() -> ResponseReturnValue:
    """A new tax."""
    form = TaxForm()
    tax = submit(form, lambda: verbs.add(
        form.name.data or "", rate_percent=form.rate_percent.data or "", mode=form.mode.data,
    ))
    if tax:
        flash(_("%(name)s can be given to plans now.", name=tax.name), "success")
        return redirect(url_for("taxes.index"))
    return form_page("taxes/edit.html", form, title=_("Add tax"), label=_("Add tax"), is_new=True)


@blueprint.route("/settings/tax-by-hand", methods=["GET", "POST"])
@requires("change_settings")
def by_hand() -> ResponseReturnValue:
    """Which tax lines written by hand bear."""
    offered = queries.by_hand()
    form = UsualTaxForm(data={"tax_rate_id": offered.usual_id})
    form.tax_rate_id.offer(offered.in_use, empty=_("No tax"))
    if submit(form, lambda: (verbs.make_usual(form.tax_rate_id.data),)):
        flash(_("The settings are saved."), "success")
        return redirect(url_for("company.settings"))
    return form_page(
        "confirm.html", form, title=_("Tax of lines written by hand"), confirm_label=_("Save settings"),
        style="primary", cancel_url=url_for("company.settings"),
        text=_("Preselected in drafts, proformas, debit notes and charges. What is picked from the catalogue brings "
               "its own tax, and a deposit bears none."),
    )


def settings_panel(_subject: int) -> Markup:
    """Panel of the settings: which tax lines written by hand bear."""
    return Markup(render_template("taxes/_by_hand.html", tax=queries.usual()))


@blueprint.get("/taxes/<int:tax_rate_id>")
@requires("view_subscriptionplan_list")
def detail(tax_rate_id: int) -> ResponseReturnValue:
    """A tax with everything it ever consisted of."""
    tax, today = _tax(tax_rate_id), current.today()
    versions = queries.versions_of(tax_rate_id)
    return render_template(
        "taxes/detail.html", tax=tax, versions=[(version, _state(version, versions, today)) for version in
                                                reversed(versions)],
        since_ever=verbs.SINCE_EVER, kind_labels=KIND_LABELS,
    )


@blueprint.route("/taxes/<int:tax_rate_id>/version", methods=["GET", "POST"])
@requires("change_subscriptionplan")
def begin_version(tax_rate_id: int) -> ResponseReturnValue:
    """Other parts or rates from a day on."""
    tax, today = _tax(tax_rate_id), current.today()
    present = queries.versions_of(tax_rate_id)[-1].components
    form = VersionForm(data={**entered(present), "valid_from": today})
    if submit(form, lambda: verbs.begin_version(
        tax, components=form.components(), valid_from=form.valid_from.data,
    )):
        flash(_("%(name)s changes on %(data)s.", name=tax.name, data=form.valid_from.data), "success")
        return redirect(url_for("taxes.detail", tax_rate_id=tax_rate_id))
    return form_page("taxes/version.html", form, tax=tax)


@blueprint.route("/taxes/<int:tax_rate_id>/rename", methods=["GET", "POST"])
@requires("change_subscriptionplan")
def rename(tax_rate_id: int) -> ResponseReturnValue:
    """Another name for a tax."""
    tax = _tax(tax_rate_id)
    form = TaxNameForm(obj=tax)
    if submit(form, lambda: verbs.rename(tax, name=form.name.data or "")):
        flash(_("The tax is called %(name)s now.", name=tax.name), "success")
        return redirect(url_for("taxes.detail", tax_rate_id=tax_rate_id))
    return form_page("taxes/edit.html", form, title=_("Rename tax"), label=_("Save name"), is_new=False)


@blueprint.post("/taxes/<int:tax_rate_id>/retire")
@requires("change_subscriptionplan")
def retire(tax_rate_id: int) -> ResponseReturnValue:
    """Offer a tax no longer."""
    tax = verbs.retire(_tax(tax_rate_id))
    flash(_("%(name)s is no longer offered; plans that have it keep it.", name=tax.name), "success")
    return redirect(url_for("taxes.index"))


@blueprint.post("/taxes/<int:tax_rate_id>/activate")
@requires("change_subscriptionplan")
def activate(tax_rate_id: int) -> ResponseReturnValue:
    """Offer a retired tax again."""
    tax = verbs.activate(_tax(tax_rate_id))
    flash(_("%(name)s is offered again.", name=tax.name), "success")
    return redirect(url_for("taxes.index"))


@blueprint.route("/taxes/<int:tax_rate_id>/remove", methods=["GET", "POST"])
@requires("delete_subscriptionplan")
def remove(tax_rate_id: int) -> ResponseReturnValue:
    """Take away a tax that nothing was ever sold with."""
    tax, form = _tax(tax_rate_id), Form()
    if submit(form, lambda: verbs.remove(tax)):
        flash(_("%(name)s is removed.", name=tax.name), "success")
        return redirect(url_for("taxes.index"))
    return form_page(
        "confirm.html", form, title=_("Remove %(name)s?", name=tax.name), confirm_label=_("Remove tax"),
        text=_("Only a tax that no plan and no invoice has can be removed. Retire it otherwise."),
        cancel_url=url_for("taxes.detail", tax_rate_id=tax_rate_id),
    )


def _tax(tax_rate_id: int) -> TaxRate:
    return found(queries.get(tax_rate_id), _NONE)


def _state(version: TaxVersion, versions: tuple[TaxVersion, ...], today: date) -> str:
    if version.valid_from > today:
        return "planned"
    return "active" if version.components == version_on(versions, today) else "ended"
