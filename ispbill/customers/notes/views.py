"""The page that writes a note, and what the timeline shows of notes."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import Edge
from ispbill.customers import queries as customers
from ispbill.customers.blueprint import NO_CUSTOMER, blueprint
from ispbill.customers.notes import queries
from ispbill.customers.notes import service as notes
from ispbill.customers.notes.forms import NoteForm
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.timeline import Moment


@blueprint.route("/customers/<int:customer_id>/notes/add", methods=["GET", "POST"])
@requires("add_customer_note")
def add_note(customer_id: int) -> ResponseReturnValue:
    """Note something about a customer."""
    customer, form = found(customers.get(customer_id), NO_CUSTOMER), NoteForm()
    here = url_for("customers.detail", customer_id=customer_id)
    if submit(form, lambda: notes.write(customer, body=form.body.data)):
        flash(_("The note is written."), "success")
        return redirect(here)
    return form_page(
        "confirm.html", form, title=_("A note about %(name)s", name=customer.name), style="primary",
        confirm_label=_("Save note"),
        text=_("Notes stay as they are written, with your name and the time."), cancel_url=here,
    )


def moments(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """The notes about a customer, on their timeline."""
    return [
        Moment(at=note.created_at, key=note.id, title=_("Note"), text=note.body, actor=note.author, icon="notebook-pen")
        for note in queries.before(customer_id, edge, limit=limit)
    ]
