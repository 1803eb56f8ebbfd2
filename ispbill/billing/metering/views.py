"""Pages of metered usage: the list, readings by hand and by file, a subscription's periods."""
from __future__ import annotations

from enum import StrEnum

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.metering import queries
from ispbill.billing.metering import service as verbs
from ispbill.billing.metering.forms import UploadForm, UsageForm
from ispbill.billing.metering.policy import COLUMNS, Usage
from ispbill.billing.metering.queries import UsageFilter
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import paginate
from ispbill.subscriptions import queries as subscriptions
from ispbill.web.exports import csv_response
from ispbill.web.forms import choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found

blueprint = Blueprint("metering", __name__, template_folder="templates")


class State(StrEnum):
    """Whether the period of a reading was charged yet."""

    OPEN = "open"
    RATED = "rated"


@blueprint.get("/usage-records")
@requires("view_usage")
def index() -> ResponseReturnValue:
    """Every reading."""
    wanted = asked(queries.SORTS, default="newest")
    page = paginate(queries.listing(_filters()), wanted.sort, cursor=wanted.cursor)
    return render_template("metering/index.html", page=page, states=choices_of(State, empty=_("Any status")))


@blueprint.get("/usage-records/export")
@requires("view_usage")
def export() -> Response:
    """What the filters show; its first columns are those that the import reads."""
    header = (*COLUMNS, "account_number", "customer", "plan", "recorded_by", "recorded_at")
    return csv_response("usage", header, [
        (row.subscription_id, row.UsageRecord.used_on, row.UsageRecord.quantity, row.UsageRecord.source,
         row.account_number, row.customer_name, row.plan_name, row.UsageRecord.recorded_by,
         row.UsageRecord.recorded_at)
        for row in queries.everything(queries.listing(_filters()))
    ])


@blueprint.route("/usage-records/import", methods=["GET", "POST"])
@requires("adjust_usage")
def import_list() -> ResponseReturnValue:
    """Many readings at once, from a file."""
    form = UploadForm()
    result = submit(form, lambda: verbs.import_list(form.file.data.read()))
    if result and not result.errors:
        flash(_("%(created)s readings are recorded; %(unchanged)s were known.", created=result.created,
                unchanged=result.unchanged), "success")
        return redirect(url_for("metering.index"))
    errors = result.errors if result else ()
    answer = render_template("metering/import.html", form=form, errors=errors, columns=COLUMNS)
    return answer, 422 if errors or form.errors else 200


@blueprint.route("/customer-subscriptions/<int:subscription_id>/usage/add", methods=["GET", "POST"])
@requires("adjust_usage")
def add(subscription_id: int) -> ResponseReturnValue:
    """One reading by hand."""
    subscription = found(subscriptions.get(subscription_id), _("There is no such subscription."))
    form, here = UsageForm(data={"used_on": current.today()}), url_for(
        "subscriptions.detail", subscription_id=subscription_id)
    if submit(form, lambda: verbs.record_one(Usage(subscription_id, form.used_on.data, form.quantity.data,
                                                   form.source.data or ""))):
        flash(_("The usage is recorded."), "success")
        return redirect(here)
    return form_page(
        "confirm.html", form, title=_("Usage of %(name)s", name=subscription.customer.name),
        confirm_label=_("Record usage"),
        style="primary",
        text=_("It is charged when its period is over; a period that is charged already is charged the difference."),
        cancel_url=here,
    )


def subscription_panel(subscription_id: int) -> Markup:
    """Panel of a subscription's page: what its usage came to. Nothing where nothing is charged by use."""
    if not queries.metered_parts([subscription_id]):
        return Markup()
    return Markup(render_template(
        "metering/_of_subscription.html", periods=queries.periods_of(subscription_id),
        waiting=queries.open_quantities(subscription_id), subscription_id=subscription_id,
    ))


def _filters() -> UsageFilter:
    return UsageFilter(term=asked(queries.SORTS, default="newest").term, state=chosen("state", State),
                       subscription_id=request.args.get("subscription", type=int))
