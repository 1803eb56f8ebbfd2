"""The plan of collections: its terms, steps and calendar, and what it would do to a customer."""
from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.areas.policy import path_text
from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.dunning.letters import TEMPLATES
from ispbill.billing.collections.dunning.policy import NextStep, foresee
from ispbill.billing.collections.plans import queries, service
from ispbill.billing.collections.plans.forms import ACTIONS, CHANNELS, NoCutDayForm, StepForm, TermsForm
from ispbill.billing.collections.plans.policy import WEEKDAYS
from ispbill.billing.collections.policy import Account, Debt
from ispbill.catalogue.taxes import queries as taxes
from ispbill.company import queries as company
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_major
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.customers.suspension_reasons import queries as suspension_reasons
from ispbill.customers.suspension_reasons.forms import PAUSE_LABELS, labelled
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

# What the sample invoice of the preview comes to, in whole units of the currency; only a minimum can depend on it.
_SAMPLE_UNITS = 1_000_000


@blueprint.get("/plan")
@requires("view_settings")
def plan() -> ResponseReturnValue:
    """The plan in force, and what it would do: to an invoice issued today, or to a customer who is named."""
    number = request.args.get("account", "").replace("\x00", "")
    customer = customers.by_account_number(number) if number else None
    row = collections.policy()
    return render_template(
        "collections/plan.html", policy=row, steps=collections.steps(), actions=ACTIONS, templates=TEMPLATES,
        channels=CHANNELS,
        weekdays=[WEEKDAYS[int(digit)] for digit in row.no_cut_weekdays], customer=customer, number=number,
        suspended_for=collections.suspension_reason(), pause_labels=PAUSE_LABELS,
        days=queries.days_kept_free(current.today()), preview=_preview(customer), today=current.today(),
    )


@blueprint.get("/plan/steps/export")
@requires("view_settings")
def export_steps() -> Response:
    """The steps of the plan as a file."""
    header = ("name", "action", "days", "counted_from", "template", "fee", "fee_percent", "repeat_every_days",
              "most_times")
    return csv_response("collection-steps", header, (
        (step.name, step.action, step.days, step.counted_from, step.template,
         to_major(step.fee_flat_minor, current.tenant.currency), step.fee_percent, step.repeat_every_days,
         step.most_times) for step in collections.steps()
    ))


@blueprint.get("/plan/days/export")
@requires("view_settings")
def export_days() -> Response:
    """The days on which nobody is cut off, from today on, as a file."""
    return csv_response("no-cut-days", ("day", "name", "area"), (
        (row.day, row.name, path_text((row.area_1, row.area_2, row.area_3)))
        for row in queries.days_kept_free(current.today())
    ))


@blueprint.route("/plan/terms", methods=["GET", "POST"])
@requires("change_settings")
def change_terms() -> ResponseReturnValue:
    """How collections work."""
    row = collections.policy()
    form = TermsForm(obj=row, data={"minimum": row.minimum_minor})
    form.fee_tax_rate_id.offer([(tax.id, tax.name) for tax in taxes.active()], empty=_("No tax"))
    form.suspension_reason_id.offer(labelled(suspension_reasons.on_offer(including=row.suspension_reason_id)))
    if not form.is_submitted():
        form.no_cut_weekdays.data = list(map(int, row.no_cut_weekdays))
    return _form_page(form, _("Terms"), _("Save terms"), lambda: service.change_terms(form.terms))


@blueprint.route("/plan/steps/add", methods=["GET", "POST"])
@requires("change_settings")
def add_step() -> ResponseReturnValue:
    """Another step."""
    form = StepForm()
    return _form_page(form, _("Add a step"), _("Add step"), lambda: service.add_step(form.facts))


@blueprint.route("/plan/steps/<int:step_id>", methods=["GET", "POST"])
@requires("change_settings")
def change_step(step_id: int) -> ResponseReturnValue:
    """Change a step, or switch it off."""
    step = found(queries.step(step_id), _("There is no such step."))
    form = StepForm(obj=step, data={"fee_flat": step.fee_flat_minor})
    return _form_page(form, _("Change “%(name)s”", name=step.name), _("Save step"),
                      lambda: service.change_step(step, form.facts),
                      remove_url=url_for(".remove_step", step_id=step_id))


@blueprint.route("/plan/steps/<int:step_id>/remove", methods=["GET", "POST"])
@requires("change_settings")
def remove_step(step_id: int) -> ResponseReturnValue:
    """Take a step out of the plan."""
    step, form = found(queries.step(step_id), _("There is no such step.")), Form()
    if submit(form, lambda: service.remove_step(step)):
        flash(_("The step is removed."), "success")
        return redirect(url_for(".plan"))
    return form_page(
        "confirm.html", form, title=_("Remove “%(name)s”?", name=step.name), confirm_label=_("Remove step"),
        text=_("A step that was ever taken cannot be removed; switch it off instead."), cancel_url=url_for(".plan"),
    )


@blueprint.route("/plan/days/add", methods=["GET", "POST"])
@requires("change_settings")
def add_day() -> ResponseReturnValue:
    """Another day on which nobody is cut off."""
    form = NoCutDayForm()
    form.area_id.offer(areas.choices(), empty=_("Everywhere"))
    return _form_page(form, _("Keep a day free"), _("Keep it free"), lambda: service.keep_free(
        form.day.data, name=form.name.data, area_id=form.area_id.data))


@blueprint.route("/plan/days/<int:no_cut_day_id>/remove", methods=["GET", "POST"])
@requires("change_settings")
def remove_day(no_cut_day_id: int) -> ResponseReturnValue:
    """Let people be cut off on a day again."""
    row, form = found(queries.day_kept_free(no_cut_day_id), _("There is no such day.")), Form()
    if submit(form, lambda: service.release(row)):
        flash(_("The day is not kept free any more."), "success")
        return redirect(url_for(".plan"))
    return form_page("confirm.html", form, title=_("Do not keep %(day)s free?", day=formats.short_date(row.day)),
                     text=row.name,
                     confirm_label=_("Do not keep it free"), cancel_url=url_for(".plan"))


def _preview(customer: Customer | None) -> list[NextStep]:
    in_force = collections.plan()
    account = collections.account(customer.id) if customer else _sample()
    assert account is not None, "a customer that was found exists"
    return list(foresee(account, in_force))


def _sample() -> Account:
    """Somebody who has just been billed, and never pays."""
    today = current.today()
    due_on = today + timedelta(days=company.settings().due_days)
    debt = Debt(invoice_id=0, number="", issued_on=today, due_on=due_on, open_minor=_SAMPLE_UNITS, handed_over_on=today)
    return Account(customer_id=0, on=today - timedelta(days=1), status="active", status_since=today, debts=(debt,))


def _form_page(
    form: Form, title: str, label: str, verb: Callable[[], object], *, remove_url: str | None = None
) -> ResponseReturnValue:
    if submit(form, verb):
        flash(_("The plan is saved."), "success")
        return redirect(url_for(".plan"))
    return form_page("collections/edit.html", form, title=title, label=label, remove_url=remove_url)
