"""The pages of routes: one's own, whom one finds there; who collects where."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.routes import queries, service
from ispbill.billing.collections.routes.forms import AreasForm
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, options, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked
from ispbill.web.requests import found

_HEADER = ("area", "street", "landmark", "customer", "account_number", "phone", "to_pay", "currency", "oldest_due_on",
           "promised_until", "latitude", "longitude")
_MOST_EXPORTED = 10_000


@blueprint.get("/route")
@requires("collect_in_field")
def route() -> ResponseReturnValue:
    """Whom a collector finds on their route, in the order in which they walk."""
    listing = _listing()
    page = paginate(listing, queries.AS_ONE_WALKS, cursor=request.args.get("cursor"))
    return render_template("collections/route.html", page=page, sums=queries.sums(listing), today=current.today(),
                           has_areas=bool(queries.area_ids(current.actor.user_id or 0)))


@blueprint.get("/route/export")
@requires("collect_in_field")
def export_route() -> Response:
    """The same as a file, to take along."""
    rows = db.session.execute(_listing().order_by(*queries.AS_ONE_WALKS.columns).limit(_MOST_EXPORTED))
    return csv_response("route", _HEADER, map(_cells, rows))


@blueprint.get("/collectors")
@requires("view_collections")
def collectors() -> ResponseReturnValue:
    """Who may collect at the door, and where."""
    paths, held = dict(areas.choices()), queries.areas_by_collector()
    rows = [(user, [paths[key] for key in held.get(user.id, ())]) for user in queries.collectors()]
    return render_template("collections/collectors.html", rows=rows)


@blueprint.route("/collectors/<int:user_id>", methods=["GET", "POST"])
@requires("change_user")
def give_areas(user_id: int) -> ResponseReturnValue:
    """Choose the areas of a collector."""
    collector = found(queries.collector(user_id), _("There is no such collector."))
    form = AreasForm(data={"area_ids": queries.area_ids(user_id)})
    form.area_ids.choices = options((str(key), path) for key, path in areas.choices())
    if submit(form, lambda: service.assign(collector, area_ids=form.area_ids.data)):
        flash(_("The route of %(name)s is changed.", name=collector.full_name), "success")
        return redirect(url_for(".collectors"))
    return form_page("collections/collector.html", form, collector=collector)


def _listing() -> AnySelect:
    return queries.listing(
        current.actor.user_id or 0, today=current.today(), term=asked(customers.SORTS, default="name").term,
        late_only=request.args.get("due") == "late",
    )


def _cells(row: AnyRow) -> tuple[object, ...]:
    currency = current.tenant.currency
    area = ", ".join(filter(None, (row.area_3, row.area_2, row.area_1)))
    return (area, row.street, row.landmark, row.name, row.account_number, row.phone,
            to_major(row.open_minor, currency), currency, row.oldest_on, row.promised_until, row.latitude,
            row.longitude)
