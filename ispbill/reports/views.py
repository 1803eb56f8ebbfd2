"""The dashboard: each part for those who may see what it counts. Charts, which read further back, come after it."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.payments.models import METHOD_LABELS
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.reports import policy, queries
from ispbill.reports.beginnings import queries as beginnings
from ispbill.reports.beginnings.views import how_far
from ispbill.reports.definitions.policy import Link, Scope
from ispbill.reports.links import policy as links
from ispbill.support.tickets import queries as tickets
from ispbill.web import panels
from ispbill.web.guards import requires
from ispbill.web.standing.figures import Standing, standing

blueprint = Blueprint("reports", __name__, template_folder="templates")


@blueprint.get("/dashboard")
@requires("view_dashboard")
def dashboard() -> ResponseReturnValue:
    """The company at a glance; what to do next while it is new."""
    newest_id = invoices.newest_id()
    if not newest_id:
        return render_template("reports/beginnings.html", progress=how_far(), is_new=True)
    may, today = current.actor.may, current.today()
    sees_money, sees_subscribers = may("view_financial_dashboard"), may("view_subscription_list")
    is_large = newest_id >= invoices.MANY
    company = standing("company", _company, is_large=is_large) if sees_money or sees_subscribers else Standing({})
    return render_template(
        "reports/dashboard.html", since=company.since, today=today, month=policy.first_of_month(today),
        progress=how_far() if may("change_settings") and not beginnings.are_hidden() else None,
        parked=queries.parked() if may("view_billing_run") else None,
        money=company.figures["money"] if sees_money else None,
        counter=_counter(today) if may("view_payment_list") else None,
        subscribers=company.figures["subscribers"] if sees_subscribers else None, links=_links(today),
        tickets=tickets.tallies(current.actor.user_id) if may(tickets.SEES_TICKETS) else None,
        panels=panels.drawn("dashboard", 0),
    )


@blueprint.get("/dashboard/money")
@requires("view_financial_dashboard")
def money_chart() -> ResponseReturnValue:
    """Billed and collected by month, as the description of a chart."""
    now = _now(current.today())
    return _chart("bar", "money", _drawn("money chart", _money_by_month),
                  [_months(partial(links.documents, now)), _months(partial(links.receipts, now))])


@blueprint.get("/dashboard/subscribers")
@requires("view_subscription_list")
def subscribers_chart() -> ResponseReturnValue:
    """Customers served at each month's end, who began and who left in it, as the description of a chart."""
    now = _now(current.today())
    return _chart("line", "count", _drawn("subscribers chart", _subscribers_by_month),
                  [_months(partial(links.subscribers, now, what)) for what in ("served", "began", "left")])


@blueprint.get("/dashboard/ageing")
@requires("view_financial_dashboard")
def ageing_chart() -> ResponseReturnValue:
    """What is open, by how long it has been due, as the description of a chart."""
    now = _now(current.today())
    classes = [links.aged_documents(now, place) for place in range(len(policy.AGE_LABELS))]
    return _chart("bar", "money", _drawn("ageing chart", _open_by_age), [classes])


def address(link: Link | None) -> str | None:
    """Where a number leads, if the viewer may go there."""
    if link is None or not current.actor.may(link.permission):
        return None
    return url_for(link.endpoint, **link.values)


def _links(today: date) -> dict[str, str | None]:
    """Where the figures over the whole company lead."""
    now, month = _now(today), policy.first_of_month(today)
    services = links.services(now, today)
    behind = {
        "billed": links.documents(now, month, today), "collected": links.receipts(now, month, today),
        "overdue": links.owed_documents(now, "overdue"), "revenue": services, "each": services,
        "today": links.receipts(now, today, today), "active": links.subscribers(now, "active", today, today),
        "began": links.subscribers(now, "began", month, today), "left": links.subscribers(now, "left", month, today),
    }
    return {name: address(link) for name, link in behind.items()}


def _months(link: Callable[[date, date], Link]) -> list[Link]:
    """A link for each month of the charts."""
    today = current.today()
    return [link(month, min(policy.last_of_month(month), today)) for month in policy.months_until(today)]


def _now(today: date) -> Scope:
    return Scope(today, today, today)


def _company() -> dict[str, Any]:
    """The figures over the whole company, of which each viewer is shown what their rights allow."""
    today = current.today()
    active = queries.active_subscribers(today)
    return {"money": _money(today, active), "subscribers": _subscribers(today, active)}


def _money(today: date, active: int) -> dict[str, Any]:
    month = policy.first_of_month(today)
    revenue_minor = policy.monthly_revenue(queries.monthly_prices(today))
    return {
        "billed_minor": queries.billed(month, today), "collected_minor": queries.collected(month, today),
        "overdue": asdict(queries.overdue(today)), "revenue_minor": revenue_minor,
        "each_minor": policy.per_subscriber(revenue_minor, active),
    }


def _counter(today: date) -> dict[str, Any]:
    return {"today_minor": queries.collected(today, today), "payments": queries.newest_payments(),
            "methods": METHOD_LABELS}


def _subscribers(today: date, active: int) -> dict[str, Any]:
    month = policy.first_of_month(today)
    left = queries.left(month, today)
    churn = policy.churn_percent(left, served=queries.served_on(month))
    return {
        "active": active, "began": queries.began(month, today), "left": left,
        "churn": None if churn is None else str(churn),
    }


def _money_by_month() -> dict[str, Any]:
    months = policy.months_until(current.today())
    return {"labels": policy.month_labels(months), "series": {
        _("Billed"): policy.along(months, queries.billed_by_month(months[0])),
        _("Collected"): policy.along(months, queries.collected_by_month(months[0])),
    }}


def _subscribers_by_month() -> dict[str, Any]:
    months = policy.months_until(current.today())
    counted = policy.subscriber_months(queries.lives(current.today()), months)
    return {"labels": policy.month_labels(months), "series": {
        _("At the month's end"): [month.served for month in counted],
        _("New"): [month.began for month in counted],
        _("Left"): [month.left for month in counted],
    }}


def _open_by_age() -> dict[str, Any]:
    return {"labels": list(policy.AGE_LABELS), "series": {_("Open"): queries.open_by_age(current.today())}}


def _drawn(name: str, reckon: Callable[[], dict[str, Any]]) -> Standing:
    return standing(name, reckon, is_large=invoices.newest_id() >= invoices.MANY)


def _chart(kind: str, unit: str, drawn: Standing, behind: Sequence[Sequence[Link]]) -> ResponseReturnValue:
    """The description of a chart; `behind` has for each series where each of its values leads."""
    return jsonify(
        kind=kind, unit=unit, currency=current.tenant.currency, labels=drawn.figures["labels"],
        series=[{"name": name, "values": values, "links": [address(link) for link in rows]}
                for (name, values), rows in zip(drawn.figures["series"].items(), behind, strict=True)],
    )
