"""Pages of contacts: add, change, remove."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.customers import queries as customers
from ispbill.customers.blueprint import NO_CUSTOMER, blueprint
from ispbill.customers.contacts import queries
from ispbill.customers.contacts import service as contacts
from ispbill.customers.contacts.forms import ContactForm
from ispbill.web import filters
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_NONE = lazy("There is no such contact.")


@blueprint.route("/customers/<int:customer_id>/contacts/add", methods=["GET", "POST"])
@requires("change_customer_basic")
def add_contact(customer_id: int) -> ResponseReturnValue:
    """How else the customer is reached."""
    customer, form = found(customers.get(customer_id), NO_CUSTOMER), ContactForm()
    here = url_for("customers.detail", customer_id=customer_id)
    if submit(form, lambda: contacts.add(customer, facts=form.facts())):
        flash(_("The contact is added."), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Another contact of %(name)s", name=customer.name),
                     confirm_label=_("Add contact"),
                     style="primary", cancel_url=here)


@blueprint.route("/customer-contacts/<int:contact_id>/change", methods=["GET", "POST"])
@requires("change_customer_basic")
def change_contact(contact_id: int) -> ResponseReturnValue:
    """Correct a contact."""
    contact = found(queries.get(contact_id), _NONE)
    customer, form = found(customers.get(contact.customer_id), NO_CUSTOMER), ContactForm(obj=contact)
    here = url_for("customers.detail", customer_id=customer.id)
    if submit(form, lambda: contacts.change(contact, customer, facts=form.facts())):
        flash(_("The contact is saved."), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("A contact of %(name)s", name=customer.name),
                     confirm_label=_("Save contact"),
                     style="primary", cancel_url=here)


@blueprint.route("/customer-contacts/<int:contact_id>/remove", methods=["GET", "POST"])
@requires("change_customer_basic")
def remove_contact(contact_id: int) -> ResponseReturnValue:
    """Forget a contact."""
    contact, form = found(queries.get(contact_id), _NONE), Form()
    customer = found(customers.get(contact.customer_id), NO_CUSTOMER)
    here = url_for("customers.detail", customer_id=customer.id)
    if submit(form, lambda: contacts.remove(contact, customer)):
        flash(_("The contact is removed."), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Remove %(name)s?", name=contact.name),
                     confirm_label=_("Remove contact"),
                     text=f"{filters.phone(contact.phone)} {contact.email}", cancel_url=here)
