"""Pages of the desk: one page that shows how it is set up, a small form for each part."""
from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.support.desk import queries
from ispbill.support.desk import service as verbs
from ispbill.support.desk.forms import AnswerForm, CategoryForm, ChangeCategoryForm, TargetForm
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("desk", __name__, url_prefix="/tickets/settings", template_folder="templates")
_NO_CATEGORY, _NO_ANSWER = lazy("There is no such category."), lazy("There is no such answer.")


@blueprint.get("")
@requires("view_settings")
def index() -> ResponseReturnValue:
    """Categories, promises and canned answers."""
    return render_template("desk/index.html", categories=queries.categories(), targets=queries.targets(),
                           answers=queries.answers())


@blueprint.get("/categories/export")
@requires("view_settings")
def export_categories() -> Response:
    """What tickets can be about, as a file."""
    return csv_response("ticket-categories", ("name", "is_active"), (
        (category.name, category.is_active) for category in queries.categories()))


@blueprint.get("/answers/export")
@requires("view_settings")
def export_answers() -> Response:
    """The canned answers as a file."""
    return csv_response("canned-answers", ("title", "body"), (
        (answer.title, answer.body) for answer in queries.answers()))


@blueprint.route("/targets", methods=["GET", "POST"])
@requires("change_settings")
def targets() -> ResponseReturnValue:
    """What is promised for each priority."""
    form = TargetForm.of(list(queries.targets()))
    return _asked("desk/targets.html", form, lambda: verbs.promise(form.promises()), done=_("The targets are saved."))


@blueprint.route("/categories/add", methods=["GET", "POST"])
@requires("change_settings")
def add_category() -> ResponseReturnValue:
    """Another thing that tickets can be about."""
    form = CategoryForm()
    return _asked("desk/edit.html", form, lambda: verbs.add_category(form.name.data), title=_("Add category"),
                  label=_("Add category"), done=_("“%(data)s” is offered for new tickets.", data=form.name.data))


@blueprint.route("/categories/<int:category_id>", methods=["GET", "POST"])
@requires("change_settings")
def change_category(category_id: int) -> ResponseReturnValue:
    """Another name for a category, or retire it."""
    category = found(queries.category(category_id), _NO_CATEGORY)
    form = ChangeCategoryForm(obj=category)
    return _asked("desk/edit.html", form, title=_("Change category"), label=_("Save category"),
                  done=_("The category is saved."), verb=lambda: verbs.change_category(
                      category, name=form.name.data, is_active=form.is_active.data))


@blueprint.route("/answers/add", methods=["GET", "POST"])
@requires("change_settings")
def add_answer() -> ResponseReturnValue:
    """Another text that is ready."""
    form = AnswerForm()
    return _asked("desk/edit.html", form, lambda: verbs.add_answer(form.title.data, body=form.body.data),
                  title=_("Add canned answer"), label=_("Add answer"),
                  done=_("“%(data)s” is ready to be used.", data=form.title.data))


@blueprint.route("/answers/<int:answer_id>", methods=["GET", "POST"])
@requires("change_settings")
def change_answer(answer_id: int) -> ResponseReturnValue:
    """Word an answer otherwise."""
    answer = found(queries.answer(answer_id), _NO_ANSWER)
    form = AnswerForm(obj=answer)
    return _asked("desk/edit.html", form, title=_("Change canned answer"), label=_("Save answer"),
                  done=_("The answer is saved."), verb=lambda: verbs.change_answer(
                      answer, title=form.title.data, body=form.body.data))


@blueprint.route("/answers/<int:answer_id>/remove", methods=["GET", "POST"])
@requires("change_settings")
def remove_answer(answer_id: int) -> ResponseReturnValue:
    """Offer an answer no more."""
    answer, form = found(queries.answer(answer_id), _NO_ANSWER), Form()
    return _asked("confirm.html", form, lambda: verbs.remove_answer(answer), title=_(
            "Remove “%(title)s”?", title=answer.title),
                  confirm_label=_("Remove answer"), text=_("What was sent with it stays as it was."),
                  action=request.path,
                  done=_("“%(title)s” is removed.", title=answer.title))


def _asked(
    template: str, form: Form, verb: Callable[[], object], *, done: str, **values: object
) -> ResponseReturnValue:
    """Show the form; once its verb has worked, say so on the page of the desk."""
    if submit(form, verb):
        flash(done, "success")
        return redirect(url_for("desk.index"))
    return form_page(template, form, cancel_url=url_for("desk.index"), **values)
