"""Pages of the chart of accounts: the list, an account with its postings, and what may be changed of it."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.chart import queries
from ispbill.billing.chart import service as chart
from ispbill.billing.chart.forms import AccountForm, NewAccountForm
from ispbill.billing.chart.policy import AccountKind
from ispbill.billing.ledger.models import LedgerAccount
from ispbill.core.current import current
from ispbill.core.db import AnySelect
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_day
from ispbill.web.requests import found

blueprint = Blueprint("chart", __name__, url_prefix="/ledger/accounts", template_folder="templates")
_MOST_EXPORTED = 50_000


@blueprint.get("")
@requires("view_ledger")
def index() -> ResponseReturnValue:
    """Every account of the chart."""
    wanted = asked(queries.SORTS, default="code")
    page = paginate(_listing(), wanted.sort, cursor=wanted.cursor, size=100)
    return render_template("chart/index.html", page=page, kinds=choices_of(AccountKind, empty=_("Any kind")))


@blueprint.get("/export")
@requires("view_ledger")
def export() -> Response:
    """The accounts that the filters show."""
    header = ("code", "name", "kind", "purpose", "active")
    return csv_response("accounts", header, (
        (row.code, row.name, row.kind, row.purpose or "", "yes" if row.is_active else "no")
        for row in queries.everything(_listing())
    ))


@blueprint.route("/add", methods=["GET", "POST"])
@requires("change_settings")
def add() -> ResponseReturnValue:
    """A new account."""
    form = NewAccountForm()
    account = submit(form, lambda: chart.add(form.facts))
    if account:
        flash(_("Account %(code)s %(name)s is added.", code=account.code, name=account.name), "success")
        return redirect(url_for("chart.index"))
    return form_page("chart/edit.html", form, title=_("Add account"), is_new=True)


@blueprint.get("/<int:account_id>")
@requires("view_ledger")
def detail(account_id: int) -> ResponseReturnValue:
    """An account and what was posted to it."""
    account = _account(account_id)
    page = paginate(_postings(account), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template(
        "chart/detail.html", account=account, page=page,
        movement=queries.movement(account.id, since=chosen_day("since"), until=chosen_day("until")),
    )


@blueprint.get("/<int:account_id>/export")
@requires("view_ledger")
def export_postings(account_id: int) -> Response:
    """What was posted to an account as a file, the newest first; debits are positive."""
    account, currency = _account(account_id), current.tenant.currency
    header = ("posted_on", "entry", "memo", "customer", "amount", "currency", "created_by")
    return csv_response(f"account-{account.code}", header, (
        (row.posted_on, row.entry_id, row.memo, row.account_number, to_major(row.amount_minor, currency), currency,
         row.created_by) for row in queries.export_rows(_postings(account), most=_MOST_EXPORTED)
    ))


@blueprint.route("/<int:account_id>/change", methods=["GET", "POST"])
@requires("change_settings")
def change(account_id: int) -> ResponseReturnValue:
    """Another code or name."""
    account = _account(account_id)
    form = AccountForm(obj=account)
    if submit(form, lambda: chart.change(account, code=form.code.data, name=form.name.data)):
        flash(_("%(name)s is saved.", name=account.name), "success")
        return redirect(url_for("chart.detail", account_id=account_id))
    return form_page("chart/edit.html", form, title=_("Change account"), is_new=False)


@blueprint.route("/<int:account_id>/deactivate", methods=["GET", "POST"])
@requires("change_settings")
def deactivate(account_id: int) -> ResponseReturnValue:
    """Offer an account no longer."""
    account, form = _account(account_id), Form()
    if submit(form, lambda: chart.deactivate(account)):
        flash(_("%(name)s is deactivated.", name=account.name), "success")
        return redirect(url_for("chart.detail", account_id=account_id))
    return form_page(
        "confirm.html", form, title=_("Deactivate %(name)s?", name=account.name), confirm_label=_("Deactivate account"),
        consequences=[_("Nothing can be posted to it any more"), _("What was posted stays in the books")],
        cancel_url=url_for("chart.detail", account_id=account_id),
    )


@blueprint.post("/<int:account_id>/activate")
@requires("change_settings")
def activate(account_id: int) -> ResponseReturnValue:
    """Offer a deactivated account again."""
    account = chart.activate(_account(account_id))
    flash(_("%(name)s is active again.", name=account.name), "success")
    return redirect(url_for("chart.detail", account_id=account_id))


def _account(account_id: int) -> LedgerAccount:
    return found(queries.get(account_id), _("There is no such account."))


def _listing() -> AnySelect:
    return queries.listing(term=asked(queries.SORTS, default="code").term, kind=chosen("kind", AccountKind))


def _postings(account: LedgerAccount) -> AnySelect:
    return queries.postings(account.id, since=chosen_day("since"), until=chosen_day("until"))
