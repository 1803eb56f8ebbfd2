"""Pages of the import wizard: upload, say what the columns are, look, bring in, take back."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.imports import kinds, queries
from ispbill.imports import service as verbs
from ispbill.imports.forms import UploadForm, columns_form, said_in
from ispbill.imports.kinds import Kind
from ispbill.imports.models import ImportBatch, ImportStatus, RowStatus
from ispbill.imports.undoing import service as undoing
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("imports", __name__, template_folder="templates")
_NONE = lazy("There is no such file. Perhaps it was dropped, or waited for more than a day. Upload it again.")
_SHOWN_ROWS, _SHOWN_ERRORS, _SAMPLES = 50, 100, 3
_WAITING = (ImportStatus.CHECKED, ImportStatus.LOOKING)


@blueprint.get("/imports")
@requires("import_customers")
def index() -> ResponseReturnValue:
    """What can be brought in, and what was."""
    allowed = _open_kinds()
    page = paginate(queries.listing(_codes(allowed)), queries.NEWEST, cursor=request.args.get("cursor"))
    labels = {kind.code: kind.label for kind in allowed}
    return render_template("imports/index.html", page=page, kinds=allowed, labels=labels)


@blueprint.get("/imports/export")
@requires("import_customers")
def export() -> Response:
    """Every file that was brought in."""
    header = ("id", "kind", "file_name", "status", "rows", "created", "updated", "refused", "imported_by",
              "imported_at")
    return csv_response("imports", header, (
        [*row] for row in queries.everything(queries.listing(_codes(_open_kinds())))))


@blueprint.route("/imports/new/<kind_code>", methods=["GET", "POST"])
@requires("import_customers")
def upload(kind_code: str) -> ResponseReturnValue:
    """Choose a file; nothing is brought in yet."""
    kind = _kind(kind_code)
    form = UploadForm(data={"day": kind.default_day(current.today())})
    form.day.label.text = kind.day
    batch = submit(form, lambda: verbs.receive(
        kind, content=form.file.data.read(), file_name=form.file.data.filename or "", day=form.day.data,
    ))
    if batch:
        return redirect(url_for("imports.columns", batch_id=batch.id))
    return form_page("imports/upload.html", form, kind=kind, columns=kind.columns())


@blueprint.get("/imports/new/<kind_code>/template")
@requires("import_customers")
def template(kind_code: str) -> Response:
    """An empty file of a kind, with one line that shows how."""
    kind = _kind(kind_code)
    columns = kind.columns()
    return csv_response(f"{kind.code}-template", [column.name for column in columns],
                          [[column.example for column in columns]])


@blueprint.route("/imports/<int:batch_id>/columns", methods=["GET", "POST"])
@requires("import_customers")
def columns(batch_id: int) -> ResponseReturnValue:
    """Which column of the file stands for which of ours."""
    batch, kind = _held(batch_id)
    sample, notation = verbs.sample_of(batch), verbs.notation_of(batch)
    table, ours = sample.table, kind.columns()
    form = columns_form(ours, header=table.header, mapping=batch.mapping or {}, notation=notation)
    if submit(form, lambda: verbs.say_columns(batch, **said_in(form, notation))):
        return redirect(url_for("imports.detail", batch_id=batch_id))
    samples = {name: [row.text(name) for row in table.rows[:_SAMPLES]] for name in table.header}
    return form_page("imports/columns.html", form, batch=batch, kind=kind, columns=ours, samples=samples,
                     doubts={"dates": sample.dates.doubtful, "decimals": sample.decimals.doubtful},
                     unused=[name for name in table.header if name not in form.values().values()])


@blueprint.route("/imports/<int:batch_id>", methods=["GET", "POST"])
@requires("import_customers")
def detail(batch_id: int) -> ResponseReturnValue:
    """What a file would do, then how far it is, then what came of it."""
    batch, form = _brought(batch_id), Form()
    if batch.status == ImportStatus.CHECKED and batch.report is None:
        return redirect(url_for("imports.columns", batch_id=batch_id))
    if submit(form, lambda: verbs.run(batch_id)):
        return redirect(url_for("imports.detail", batch_id=batch_id))
    if batch.status in _WAITING:
        return form_page("imports/review.html", form, batch=batch, kind=_kind(batch.kind),
                         errors=queries.errors_of(batch_id, limit=_SHOWN_ERRORS))
    return form_page(
        "imports/detail.html", form, batch=batch, kind=_kind(batch.kind),
        refused=queries.rows_with(batch_id, RowStatus.REFUSED, limit=_SHOWN_ROWS),
        kept=queries.rows_with(batch_id, RowStatus.KEPT, limit=_SHOWN_ROWS), counts=queries.count_by_status(batch_id),
        may_undo=current.actor.may(kinds.named(batch.kind).undo_permission),
    )


@blueprint.get("/imports/<int:batch_id>/errors")
@requires("import_customers")
def errors(batch_id: int) -> Response:
    """Every error of an uploaded file."""
    _held(batch_id)
    header = ("line", "column", "value", "problem", "hint")
    return csv_response("import-errors", header, [astuple(error) for error in queries.errors_of(batch_id)])


@blueprint.get("/imports/<int:batch_id>/refused")
@requires("import_customers")
def refused(batch_id: int) -> Response:
    """The lines that were refused while they were brought in, as a file to be mended and uploaded again."""
    batch = _brought(batch_id)
    names = [column.name for column in _kind(batch.kind).columns() if column.name in (batch.mapping or ())]
    rows = queries.rows_with(batch_id, RowStatus.REFUSED)
    return csv_response("refused-lines", (*names, "problem"), [
        (*((row.cells or {}).get(name, "") for name in names), row.problem) for row in rows
    ])


@blueprint.post("/imports/<int:batch_id>/discard")
@requires("import_customers")
def discard(batch_id: int) -> ResponseReturnValue:
    """Drop an uploaded file."""
    batch, _ignored = _held(batch_id)
    verbs.discard(batch)
    return redirect(url_for("imports.index"))


@blueprint.route("/imports/<int:batch_id>/undo", methods=["GET", "POST"])
@requires("undo_import")
def undo(batch_id: int) -> ResponseReturnValue:
    """Take back what a file brought in."""
    batch, form = _brought(batch_id), Form()
    kind = kinds.named(batch.kind)
    current.require(kind.undo_permission)
    if submit(form, lambda: undoing.undo(batch_id)):
        flash(_("%(file_name)s is being taken back.", file_name=batch.file_name), "info")
        return redirect(url_for("imports.detail", batch_id=batch_id))
    return form_page(
        "confirm.html", form, title=_("Take back %(file_name)s?", file_name=batch.file_name),
        confirm_label=_("Take back the import"),
        consequences=[
            _("%(created_count)s things that it added are removed", created_count=f"{batch.created_count:,}"),
            _("%(updated_count)s that it changed become what they were", updated_count=f"{batch.updated_count:,}")
            if kind.revert is None else
            _("%(updated_count)s that it changed are taken back, too; for what they were, bring the former file in",
              updated_count=f"{batch.updated_count:,}"),
            _("What is used by now, or has been changed since, stays; you see which and why"),
        ], cancel_url=url_for("imports.detail", batch_id=batch_id),
    )


def _kind(code: str) -> Kind:
    """The kind, for who may bring such things in: nobody else reads what a file of it held."""
    kind = kinds.named(code)
    current.require(kind.permission)
    return kind


def _open_kinds() -> Sequence[Kind]:
    return [kind for kind in kinds.everything() if current.actor.may(kind.permission)]


def _codes(allowed: Sequence[Kind]) -> list[str]:
    return [kind.code for kind in allowed]


def _brought(batch_id: int) -> ImportBatch:
    batch = found(queries.get(batch_id), _NONE)
    _kind(batch.kind)
    return batch


def _held(batch_id: int) -> tuple[ImportBatch, Kind]:
    batch = found(queries.held(batch_id, *_WAITING), _NONE)
    return batch, _kind(batch.kind)
