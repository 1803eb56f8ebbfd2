"""Pages of labels: make, change, remove, and which a customer wears."""
from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy, ngettext
from ispbill.customers import queries as customers
from ispbill.customers.blueprint import NO_CUSTOMER, blueprint
from ispbill.customers.labels import queries
from ispbill.customers.labels import service as labels
from ispbill.customers.labels.forms import LabelForm, WornForm
from ispbill.web.forms import Form, form_page, options, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_NONE = lazy("There is no such label.")


@blueprint.route("/settings/customers/labels/add", methods=["GET", "POST"])
@requires("change_settings")
def add_label() -> ResponseReturnValue:
    """A new label."""
    form = LabelForm()
    if submit(form, lambda: labels.add(form.name.data, colour=form.colour.data)):
        flash(_("The label “%(data)s” is there.", data=form.name.data), "success")
        return redirect(url_for("customers.setup"))
    return form_page("confirm.html", form, title=_("Add label"), confirm_label=_("Add label"), style="primary",
                     cancel_url=url_for("customers.setup"))


@blueprint.route("/settings/customers/labels/<int:label_id>/change", methods=["GET", "POST"])
@requires("change_settings")
def change_label(label_id: int) -> ResponseReturnValue:
    """Another name or colour."""
    label = found(queries.get(label_id), _NONE)
    form = LabelForm(obj=label)
    if submit(form, lambda: labels.change(label, name=form.name.data, colour=form.colour.data)):
        flash(_("The label “%(name)s” is saved.", name=label.name), "success")
        return redirect(url_for("customers.setup"))
    return form_page("confirm.html", form, title=_("Change label"), confirm_label=_("Save label"), style="primary",
                     cancel_url=url_for("customers.setup"))


@blueprint.route("/settings/customers/labels/<int:label_id>/remove", methods=["GET", "POST"])
@requires("change_settings")
def remove_label(label_id: int) -> ResponseReturnValue:
    """Take a label away."""
    label, form = found(queries.get(label_id), _NONE), Form()
    name = label.name
    if submit(form, lambda: labels.remove(label)):
        flash(_("The label “%(name)s” is removed.", name=name), "success")
        return redirect(url_for("customers.setup"))
    wearers = queries.counts().get(label_id, 0)
    return form_page(
        "confirm.html", form, title=_("Remove the label “%(name)s”?", name=name), confirm_label=_("Remove label"),
        consequences=[ngettext("%(num)s customer loses it", "%(num)s customers lose it", wearers)],
        cancel_url=url_for("customers.setup"),
    )


@blueprint.route("/customers/<int:customer_id>/labels", methods=["GET", "POST"])
@requires("change_customer_basic")
def wear_labels(customer_id: int) -> ResponseReturnValue:
    """Which labels a customer wears."""
    customer = found(customers.get(customer_id), NO_CUSTOMER)
    form = WornForm(data={"label_ids": [row.label_id for row in queries.worn(customer_id)]})
    form.label_ids.choices = options((str(label_id), name) for label_id, name in queries.choices())
    here = url_for("customers.detail", customer_id=customer_id)
    if submit(form, lambda: labels.wear(customer, label_ids=form.label_ids.data or ())):
        flash(_("The labels are saved."), "success")
        return redirect(here)
    if not form.label_ids.choices:
        return render_template("customers/no_labels.html", customer=customer)
    return form_page("confirm.html", form, title=_("Labels of %(name)s", name=customer.name),
                     confirm_label=_("Save labels"), style="primary", cancel_url=here)
