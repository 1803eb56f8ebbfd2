"""Pages of settings about customers: the labels there are, and the fields that are asked for."""
from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.i18n import gettext as _
from ispbill.customers.blueprint import blueprint
from ispbill.customers.custom_fields import queries
from ispbill.customers.custom_fields import service as custom_fields
from ispbill.customers.custom_fields.forms import FieldForm
from ispbill.customers.labels import queries as labels
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found


@blueprint.get("/settings/customers")
@requires("view_settings")
def setup() -> ResponseReturnValue:
    """Labels and fields."""
    return render_template("customers/setup.html", fields=queries.everything(), labels=labels.everything(),
                           wearers=labels.counts())


@blueprint.route("/settings/customers/fields/add", methods=["GET", "POST"])
@requires("change_settings")
def add_field() -> ResponseReturnValue:
    """Ask something more of each customer."""
    form = FieldForm()
    if submit(form, lambda: custom_fields.define(form.definition())):
        flash(_("“%(data)s” is asked for now.", data=form.label.data), "success")
        return redirect(url_for("customers.setup"))
    return form_page("confirm.html", form, title=_("Add a field"), confirm_label=_("Add field"), style="primary",
                     cancel_url=url_for("customers.setup"))


@blueprint.route("/settings/customers/fields/<int:field_id>/change", methods=["GET", "POST"])
@requires("change_settings")
def change_field(field_id: int) -> ResponseReturnValue:
    """Define a field otherwise."""
    field = found(queries.get(field_id), _("There is no such field."))
    form = FieldForm(data={"label": field.label, "choices": "\n".join(field.choices),
                           "is_required": field.is_required, "is_in_use": field.is_in_use})
    del form.kind
    if submit(form, lambda: custom_fields.redefine(field, definition=form.definition())):
        flash(_("“%(label)s” is saved.", label=field.label), "success")
        return redirect(url_for("customers.setup"))
    return form_page("confirm.html", form, title=_("Change “%(label)s”", label=field.label),
                     confirm_label=_("Save field"),
                     style="primary", cancel_url=url_for("customers.setup"))
