"""The pages of collections: who owes, one customer with why and what comes next."""
from __future__ import annotations

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.areas import queries as areas
from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.dunning.policy import NextStep, foresee, next_step
from ispbill.billing.collections.entitlement.queries import lines, owes_nothing_that_cuts, verdict_on
from ispbill.billing.collections.overdue import queries
from ispbill.billing.collections.overdue.policy import AGES, STATES, Age, State
from ispbill.billing.collections.overdue.queries import OverdueFilter
from ispbill.billing.collections.rounds import queries as rounds
from ispbill.billing.collections.tasks import queries as tasks
from ispbill.billing.invoices import queries as invoices
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db
from ispbill.core.i18n import lazy
from ispbill.core.money import to_major
from ispbill.core.pagination import Edge, paginate
from ispbill.customers import queries as customers
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_id
from ispbill.web.requests import found
from ispbill.web.standing.figures import Standing, standing
from ispbill.web.timeline import Moment

_NONE = lazy("There is no such customer.")
_EXPORT_HEADER = ("account_number", "customer", "phone", "status", "overdue", "currency", "oldest_due_on", "days",
                  "invoices", "promised_until", "next_step", "next_step_on")
_MOST_EXPORTED = 10_000


@blueprint.get("")
@requires("view_collections")
def index() -> ResponseReturnValue:
    """Who owes, the oldest debt first, with what comes next for each."""
    listing = queries.listing(_filters(), today=current.today())
    wanted = asked(listing.sorts, default="oldest")
    page = paginate(listing.rows, wanted.sort, cursor=wanted.cursor)
    return render_template(
        "collections/index.html", page=page, next_steps=_next_steps([row.id for row in page.rows]), ages=AGES,
        states=STATES, late=_late(), areas=areas.choices(), today=current.today(),
        policy=collections.policy(), to_tell=tasks.count(), **_last_round(),
    )


@blueprint.get("/export")
@requires("view_collections")
def export() -> Response:
    """What the filters show, as a file."""
    listing = queries.listing(_filters(), today=current.today())
    rows = db.session.execute(
        listing.rows.order_by(*listing.sorts["oldest"].columns).limit(_MOST_EXPORTED)
    ).all()
    upcoming = _next_steps([row.id for row in rows])
    return csv_response("overdue", _EXPORT_HEADER, (_cells(row, upcoming.get(row.id)) for row in rows))


@blueprint.get("/customers/<int:customer_id>")
@requires("view_collections")
def account(customer_id: int) -> ResponseReturnValue:
    """One customer: may they be online and why, what was done, what comes next."""
    customer = found(customers.get(customer_id), _NONE)
    facts, plan = found(collections.account(customer_id)), collections.plan()
    verdict = verdict_on(facts, plan)
    return render_template(
        "collections/account.html", customer=customer, account=facts, verdict=verdict,
        lines=lines(customer_id, verdict),
        overdue=facts.overdue(plan), upcoming=list(foresee(facts, plan)), history=queries.history(customer_id),
        may_restore=facts.status == "suspended" and owes_nothing_that_cuts(facts, plan), today=facts.on,
    )


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: may they be online, and why."""
    facts, plan = found(collections.account(customer_id)), collections.plan()
    return Markup(render_template(
        "collections/_of_customer.html", customer_id=customer_id, verdict=verdict_on(facts, plan),
        upcoming=next_step(facts, plan), is_suspended=facts.status == "suspended",
    ))


def dashboard_figure(_company: int) -> Markup:
    """What is promised by today, as a figure of the dashboard."""
    return Markup(render_template("collections/_promised.html", promised=queries.promised_by(current.today())))


def moments(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """The steps that were taken, on the customer's timeline."""
    return [
        Moment(at=action.done_at, key=action.id, title=action.step.name, icon="hand-coins",
               text=" ".join(filter(None, (action.invoice.number if action.invoice else "", action.note))),
               url=url_for("collections.account", customer_id=customer_id))
        for action in queries.moments(customer_id, edge, limit)
    ]


def _late() -> Standing:
    return standing("collections", lambda: {
        age: bucket._asdict() for age, bucket in queries.buckets(current.today()).items()
    }, is_large=invoices.newest_id() >= invoices.MANY)


def _last_round() -> dict[str, object]:
    row = rounds.newest()
    left = rounds.count_left(row.reached_customer_id) if row and not row.completed_at else 0
    return {"last_round": row, "left": left, "stuck": len(rounds.stuck())}


def _next_steps(customer_ids: list[int]) -> dict[int, NextStep]:
    plan = collections.plan()
    found_steps = {key: next_step(facts, plan) for key, facts in collections.accounts(customer_ids).items()}
    return {key: step for key, step in found_steps.items() if step is not None}


def _filters() -> OverdueFilter:
    return OverdueFilter(
        term=asked(customers.SORTS, default="name").term, age=chosen("age", Age), state=chosen("state", State),
        area_id=chosen_id("area"),
    )


def _cells(row: AnyRow, upcoming: NextStep | None) -> tuple[object, ...]:
    currency = current.tenant.currency
    return (
        row.account_number, row.name, row.phone, row.status, to_major(row.open_minor, currency), currency,
        row.oldest_on, (current.today() - row.oldest_on).days, row.invoices, row.promised_until,
        upcoming.step.name if upcoming else None, upcoming.on if upcoming else None,
    )
