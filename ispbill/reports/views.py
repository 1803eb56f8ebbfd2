"""The dashboard. Figures come with the page; the charts, which read further back, are asked for after it."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from ispbill.billing.payments.models import METHOD_LABELS
from ispbill.core.current import current
from ispbill.reports import policy, queries
from ispbill.support.tickets import queries as tickets
from ispbill.web import panels
from ispbill.web.guards import requires

blueprint = Blueprint("reports", __name__, template_folder="templates")


@blueprint.get("/dashboard")
@requires("view_dashboard")
def dashboard() -> ResponseReturnValue:
    """The company at a glance; what to do next while it is new."""
    beginnings = queries.beginnings()
    if not beginnings.has_invoices:
        return render_template("reports/beginnings.html", beginnings=beginnings)
    return render_template("reports/dashboard.html", **_figures(), parked=queries.parked(),
                           payments=queries.newest_payments(), methods=METHOD_LABELS,
                           panels=panels.drawn("dashboard", 0))


@blueprint.get("/dashboard/money")
@requires("view_dashboard")
def money_chart() -> ResponseReturnValue:
    """Billed and collected by month, as the description of a chart."""
    months = policy.months_until(current.today())
    return _chart("bar", "money", policy.month_labels(months), {
        "Billed": policy.along(months, queries.billed_by_month(months[0])),
        "Collected": policy.along(months, queries.collected_by_month(months[0])),
    })


@blueprint.get("/dashboard/subscribers")
@requires("view_dashboard")
def subscribers_chart() -> ResponseReturnValue:
    """Customers served at each month's end and those who began in it, as the description of a chart."""
    months = policy.months_until(current.today())
    counted = policy.subscriber_months(queries.lives(current.today()), months)
    return _chart("line", "count", policy.month_labels(months), {
        "Subscribers at the month's end": [month.served for month in counted],
        "New": [month.began for month in counted],
    })


@blueprint.get("/dashboard/ageing")
@requires("view_dashboard")
def ageing_chart() -> ResponseReturnValue:
    """What is open, by how long it has been due, as the description of a chart."""
    return _chart("bar", "money", list(policy.AGE_LABELS), {"Open": queries.open_by_age(current.today())})


def _figures() -> dict[str, Any]:
    today = current.today()
    month = policy.first_of_month(today)
    return {
        "today": today, "month": month, "billed_minor": queries.billed(month, today),
        "collected_minor": queries.collected(month, today), "overdue": queries.overdue(today),
        "active": queries.active_subscribers(today),
        "revenue_minor": policy.monthly_revenue(queries.monthly_prices(today)),
        "began": queries.began(month, today),
        "tickets": tickets.tallies(current.actor.user_id) if current.actor.may(tickets.SEES_TICKETS) else None,
    }


def _chart(kind: str, unit: str, labels: list[str], series: dict[str, list[int]]) -> ResponseReturnValue:
    return jsonify(kind=kind, unit=unit, currency=current.tenant.currency, labels=labels,
                   series=[{"name": name, "values": values} for name, values in series.items()])
