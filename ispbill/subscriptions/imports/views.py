"""Pages of imports: upload, look at what would happen, then confirm or mend the file."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.current import current
from ispbill.customers.models import ImportBatch
from ispbill.subscriptions.imports import queries
from ispbill.subscriptions.imports import service as verbs
from ispbill.subscriptions.imports.forms import UploadForm
from ispbill.subscriptions.imports.policy import first_of_next_month
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("imports", __name__, template_folder="../templates")
_NONE = "This upload is gone: it was imported, or waited for more than a day. Upload the file again."
_SHOWN_ERRORS, _SHOWN_BATCHES = 100, 10


@blueprint.route("/customers/import", methods=["GET", "POST"])
@requires("import_customers")
def upload() -> ResponseReturnValue:
    """Choose a file; nothing is imported yet."""
    form = UploadForm(data={"start_on": first_of_next_month(current.today())})
    batch = submit(form, lambda: verbs.receive(
        form.file.data.read(), file_name=form.file.data.filename, start_on=form.start_on.data,
    ))
    if batch:
        return redirect(url_for("imports.review", batch_id=batch.id))
    return form_page("imports/upload.html", form, batches=queries.recent(limit=_SHOWN_BATCHES))


@blueprint.route("/customers/import/<int:batch_id>", methods=["GET", "POST"])
@requires("import_customers")
def review(batch_id: int) -> ResponseReturnValue:
    """What an uploaded file would bring in, or what is wrong with it; then the import itself."""
    batch, form = _waiting(batch_id), Form()
    report = submit(form, lambda: verbs.confirm(_waiting(batch_id, lock=True))) or verbs.check(batch)
    if form.is_submitted() and not report.errors and not form.errors:
        flash(f"{report.created:,} customers are imported.", "success")
        return redirect(url_for("customers.index"))
    page = render_template(
        "imports/review.html", form=form, batch=batch, report=report, shown=report.errors[:_SHOWN_ERRORS]
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/customers/import/<int:batch_id>/errors")
@requires("import_customers")
def errors(batch_id: int) -> Response:
    """Every error of an uploaded file, as a file."""
    header = ("line", "column", "value", "problem", "hint")
    return csv_response("import-errors", header, [
        (error.line, error.column, error.value, error.problem, error.hint)
        for error in verbs.check(_waiting(batch_id)).errors
    ])


@blueprint.post("/customers/import/<int:batch_id>/discard")
@requires("import_customers")
def discard(batch_id: int) -> ResponseReturnValue:
    """Drop an uploaded file."""
    verbs.discard(_waiting(batch_id))
    return redirect(url_for("imports.upload"))


def _waiting(batch_id: int, *, lock: bool = False) -> ImportBatch:
    batch: ImportBatch = found(queries.waiting(batch_id, lock=lock), _NONE)
    return batch
