"""Pages of plans with their prices."""
from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.catalogue import queries
from ispbill.catalogue import service as verbs
from ispbill.catalogue.forms import NewPlanForm, PlanForm, PriceForm
from ispbill.catalogue.models import Plan, PlanKind, PlanStatus, TaxRate
from ispbill.catalogue.policy import KIND_LABELS, TIMING_LABELS, PriceVersion, billed_label, price_in_force
from ispbill.catalogue.queries import PlanFilter
from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_percent, to_major
from ispbill.core.pagination import paginate
from ispbill.web import panels
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found

blueprint = Blueprint("catalogue", __name__, template_folder="templates")
_NO_PLAN = lazy("There is no such plan.")


@blueprint.get("/subscriptions/plans")
@requires("view_subscriptionplan_list")
def index() -> ResponseReturnValue:
    """Every plan with the price that is asked today."""
    wanted, filters = asked(queries.SORTS, default="name"), _filters()
    page = paginate(queries.listing(filters, on=current.today()), wanted.sort, cursor=wanted.cursor)
    return render_template(
        "catalogue/index.html", page=page, count=queries.count(filters),
        tallies=panels.counted("plans", [row.id for row in page.rows]),
        statuses=choices_of(PlanStatus, empty=_("Any status")), kinds=[("", _("Any kind")), *KIND_LABELS.items()],
        kind_labels=KIND_LABELS, billed_label=billed_label,
    )


@blueprint.get("/subscriptions/plans/export")
@requires("view_subscriptionplan_list")
def export() -> Response:
    """What the filters show."""
    header = ("code", "name", "kind", "status", "download_mbps", "upload_mbps", "price", "period_unit",
              "period_count", "timing", "tax", "tax_percent", "tax_mode", "trial_days", "description")
    currency = current.tenant.currency
    return csv_response("plans", header, [
        (row.code, row.name, row.kind, row.status, row.download_mbps, row.upload_mbps,
         "" if row.amount_minor is None else to_major(row.amount_minor, currency),
         row.period_unit, row.period_count, row.timing, row.tax_name, row.rate_percent, row.mode, row.trial_days,
         row.description)
        for row in queries.everything(queries.listing(_filters(), on=current.today()))
    ])


@blueprint.route("/subscriptions/plans/add", methods=["GET", "POST"])
@requires("add_subscriptionplan")
def add() -> ResponseReturnValue:
    """A new plan with its first price."""
    form = NewPlanForm(data={"valid_from": current.today(), "tax_rate_id": _only_tax()})
    _offer_taxes(form)
    plan = submit(form, lambda: verbs.add(
        form.facts(), amount_minor=form.amount.data, valid_from=form.valid_from.data,
    ))
    if plan:
        flash(_("%(name)s is on sale.", name=plan.name), "success")
        return redirect(url_for("catalogue.detail", plan_id=plan.id))
    return form_page("catalogue/edit.html", form, plan=None)


@blueprint.get("/subscriptions/plans/<int:plan_id>")
@requires("view_subscriptionplan_list")
def detail(plan_id: int) -> ResponseReturnValue:
    """A plan, its prices, and who holds it."""
    plan, today = _plan(plan_id), current.today()
    versions = _versions(plan)
    return render_template(
        "catalogue/detail.html", plan=plan, price_minor=price_in_force(versions, on=today),
        in_force=max((version for version in versions if version.valid_from <= today), default=None),
        versions=sorted(versions, reverse=True), today=today, panels=panels.drawn("plan", plan.id),
        kind_label=KIND_LABELS[plan.kind], timing_label=TIMING_LABELS[plan.timing],
        billed=billed_label(plan.kind, plan.period_unit, plan.period_count),
    )


@blueprint.get("/subscriptions/plans/<int:plan_id>/prices/export")
@requires("view_subscriptionplan_list")
def export_prices(plan_id: int) -> Response:
    """Every price a plan has had or will have, as a file, the newest first."""
    plan, currency = _plan(plan_id), current.tenant.currency
    return csv_response(f"prices-{plan.code}", ("valid_from", "price", "currency"), (
        (price.valid_from, to_major(price.amount_minor, currency), currency)
        for price in sorted(plan.prices, key=lambda price: price.valid_from, reverse=True)
    ))


@blueprint.route("/subscriptions/plans/<int:plan_id>/change", methods=["GET", "POST"])
@requires("change_subscriptionplan")
def change(plan_id: int) -> ResponseReturnValue:
    """Correct what a plan is."""
    plan = _plan(plan_id)
    form = PlanForm(obj=plan)
    _offer_taxes(form, present=plan.tax_rate)
    if submit(form, lambda: verbs.change(plan, facts=form.facts())):
        flash(_("%(name)s is saved.", name=plan.name), "success")
        return redirect(url_for("catalogue.detail", plan_id=plan_id))
    return form_page("catalogue/edit.html", form, plan=plan)


@blueprint.route("/subscriptions/plans/<int:plan_id>/price", methods=["GET", "POST"])
@requires("change_subscriptionplan")
def set_price(plan_id: int) -> ResponseReturnValue:
    """Another price for subscriptions that begin from a day on."""
    plan, form = _plan(plan_id), PriceForm(data={"valid_from": current.today()})
    if submit(form, lambda: verbs.set_price(
        plan, amount_minor=form.amount.data, valid_from=form.valid_from.data,
    )):
        flash(_("The new price of %(name)s is set.", name=plan.name), "success")
        return redirect(url_for("catalogue.detail", plan_id=plan_id))
    return form_page("catalogue/price.html", form, plan=plan,
                     price_minor=price_in_force(_versions(plan), on=current.today()))


@blueprint.route("/subscriptions/plans/<int:plan_id>/retire", methods=["GET", "POST"])
@requires("change_subscriptionplan")
def retire(plan_id: int) -> ResponseReturnValue:
    """Sell a plan no longer."""
    plan, form = _plan(plan_id), Form()
    if submit(form, lambda: verbs.retire(plan)):
        flash(_("%(name)s is retired.", name=plan.name), "success")
        return redirect(url_for("catalogue.detail", plan_id=plan_id))
    return form_page(
        "confirm.html", form, title=_("Retire %(name)s?", name=plan.name), confirm_label=_("Retire plan"),
        consequences=[_("Nobody can subscribe to it any more"), _("Who has it keeps it, at the price agreed")],
        cancel_url=url_for("catalogue.detail", plan_id=plan_id),
    )


@blueprint.post("/subscriptions/plans/<int:plan_id>/activate")
@requires("change_subscriptionplan")
def activate(plan_id: int) -> ResponseReturnValue:
    """Sell a retired plan again."""
    plan = verbs.activate(_plan(plan_id))
    flash(_("%(name)s is on sale again.", name=plan.name), "success")
    return redirect(url_for("catalogue.detail", plan_id=plan_id))


@blueprint.route("/subscriptions/plans/<int:plan_id>/remove", methods=["GET", "POST"])
@requires("delete_subscriptionplan")
def remove(plan_id: int) -> ResponseReturnValue:
    """Take a plan that nobody ever had out of the catalogue."""
    plan, form = _plan(plan_id), Form()
    if submit(form, lambda: verbs.remove(plan)):
        flash(_("%(name)s is removed.", name=plan.name), "success")
        return redirect(url_for("catalogue.index"))
    return form_page(
        "confirm.html", form, title=_("Remove %(name)s?", name=plan.name), confirm_label=_("Remove plan"),
        text=_("Only a plan that nobody ever subscribed to can be removed. Retire it otherwise."),
        cancel_url=url_for("catalogue.detail", plan_id=plan_id),
    )


def _versions(plan: Plan) -> list[PriceVersion]:
    return [PriceVersion(price.valid_from, price.amount_minor) for price in plan.prices]


def _plan(plan_id: int) -> Plan:
    return found(queries.get(plan_id), _NO_PLAN)


def _filters() -> PlanFilter:
    return PlanFilter(
        term=asked(queries.SORTS, default="name").term, status=chosen("status", PlanStatus),
        kind=chosen("kind", PlanKind),
    )


def _offer_taxes(form: PlanForm, *, present: TaxRate | None = None) -> None:
    offered: list[TaxRate] = list(taxes.active())
    if present is not None and present not in offered:
        offered.append(present)
    form.tax_rate_id.offer(_choices(offered), empty=_("No tax"))


def _only_tax() -> int | None:
    """Who has set up one tax sells with it."""
    offered = taxes.active()
    return offered[0].id if len(offered) == 1 else None


def _choices(offered: Sequence[TaxRate]) -> list[tuple[int, str]]:
    return [(tax.id, f"{tax.name} {format_percent(tax.rate_percent)} {tax.mode}") for tax in offered]
