"""The list of all subscriptions, prepaid and postpaid: search, filters, what runs out soon, export."""
from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.prepaid.overview import queries
from ispbill.billing.prepaid.overview.queries import Kind, Listed, Status, Wanted
from ispbill.billing.prepaid.policy import REMINDER_DAYS
from ispbill.catalogue import queries as catalogue
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_major
from ispbill.core.pagination import SortKey, paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import choices_of
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_id

blueprint = Blueprint(
    "customer_subscriptions", __name__, url_prefix="/customer-subscriptions", template_folder="../templates"
)
# The term does not depend on the order; the orders belong to each listing.
_ORDERS = {"newest": SortKey(())}
_SPANS = (1, 3, 7, 15, 30)
_HEADER = ("type", "account_number", "customer", "plans", "status", "begun_on", "served_until", "monthly_price")


@blueprint.get("")
@requires("view_subscription_list")
def index() -> ResponseReturnValue:
    """Every subscription; what runs out soon is ordered by when."""
    wanted = _wanted()
    found = queries.listing(wanted)
    order = asked(found.orders, default="newest" if wanted.within is None else "until")
    page = paginate(found.keys, order.sort, cursor=order.cursor)
    return render_template(
        "prepaid/index.html", page=page, rows=queries.shown(page.rows), count=queries.count(found),
        kinds=choices_of(Kind, empty=_("Any kind")), statuses=choices_of(Status, empty=_("Any status")),
        plans=[("", _("Any plan")), *catalogue.names()], now=current.now(),
        spans=[("", _("Ends any time")), *((str(days), _span(days)) for days in _SPANS)],
    )


@blueprint.get("/export")
@requires("export_subscription_data")
def export() -> Response:
    """What the filters show."""
    return csv_response("subscriptions", _HEADER, map(_cells, queries.everything(queries.listing(_wanted()))))


def running_out_figure(_company: int) -> Markup:
    """How many prepaid lines run out within three days, as a figure of the dashboard."""
    days, now = max(REMINDER_DAYS), current.now()
    count = queries.count_running_out(by=now + timedelta(days=days))
    return Markup(render_template("prepaid/_running_out.html", count=count, days=days))


def holders_url(plan_id: int) -> str:
    """Where the subscriptions that hold a plan are listed."""
    return url_for("customer_subscriptions.index", plan=plan_id)


def _wanted() -> Wanted:
    within = chosen_id("expiring")
    return Wanted(
        term=asked(_ORDERS, default="newest").term,
        kind=chosen("type", Kind), status=chosen("status", Status), plan_id=chosen_id("plan"),
        customer_id=chosen_id("customer"), within=within if within in _SPANS else None,
    )


def _span(days: int) -> str:
    return _("Ends within a day") if days == 1 else _("Ends within %(days)s days", days=days)


def _cells(row: Listed) -> tuple[object, ...]:
    zone, currency = current.tenant.zone, current.tenant.currency
    until = row.until and row.until.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    price = None if row.monthly_minor is None else to_major(row.monthly_minor, currency)
    return (row.kind, row.account_number, row.customer_name, row.plans, row.status, row.begun_on, until, price)
