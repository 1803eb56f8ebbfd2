"""Pages of documents: add, download, remove; the card of the customer's page."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import Edge
from ispbill.customers import queries as customers
from ispbill.customers.blueprint import NO_CUSTOMER, blueprint
from ispbill.customers.documents import queries
from ispbill.customers.documents import service as documents
from ispbill.customers.documents.forms import DocumentForm
from ispbill.files import queries as files
from ispbill.files.policy import DOCUMENTS, kinds_text
from ispbill.files.serving import attachment
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.timeline import Moment

_NONE = lazy("There is no such document.")


@blueprint.route("/customers/<int:customer_id>/documents/add", methods=["GET", "POST"])
@requires("add_customer_document")
def add_document(customer_id: int) -> ResponseReturnValue:
    """Keep a paper of the customer."""
    customer, form = found(customers.get(customer_id), NO_CUSTOMER), DocumentForm()
    here = url_for("customers.account", customer_id=customer_id)
    if submit(form, lambda: documents.add(
        customer, title=form.title.data, content=form.file.data.read(), file_name=form.file.data.filename or ""
    )):
        flash(_("The document is kept."), "success")
        return redirect(here)
    return form_page("customers/document.html", form, customer=customer, kinds=kinds_text(DOCUMENTS))


@blueprint.get("/customer-documents/<int:document_id>")
@requires("view_customer_document")
def document(document_id: int) -> Response:
    """The paper, as a download."""
    paper = found(queries.get(document_id), _NONE)
    return attachment(found(files.whole(paper.file_id), _NONE))


@blueprint.route("/customer-documents/<int:document_id>/remove", methods=["GET", "POST"])
@requires("remove_customer_document")
def remove_document(document_id: int) -> ResponseReturnValue:
    """Forget a paper."""
    paper, form = found(queries.get(document_id), _NONE), Form()
    title, here = paper.title, url_for("customers.account", customer_id=paper.customer_id)
    if submit(form, lambda: documents.remove(paper)):
        flash(_("“%(title)s” is removed.", title=title), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Remove “%(title)s”?", title=title),
                     confirm_label=_("Remove document"),
                     consequences=[_("The file is gone for good")], cancel_url=here)


def panel(customer_id: int) -> Markup:
    """A customer's papers, on the customer's page."""
    return Markup(render_template("customers/_documents.html", documents=queries.of_customer(customer_id),
                                  customer_id=customer_id))


def moments(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """The papers that were added, on the customer's timeline."""
    return [
        Moment(at=paper.created_at, key=paper.id, title=_("Document “%(title)s” added", title=paper.title),
               actor=paper.added_by,
               icon="paperclip", url=url_for("customers.document", document_id=paper.id))
        for paper in queries.before(customer_id, edge, limit=limit)
    ]
