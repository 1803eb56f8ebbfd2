"""The portal: how customers come to their account, the account with its papers, and the link as the staff see it.

A customer comes by a link that nobody can guess, and can only look. Whatever an address names is held against theirs.
"""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.documents import papers
from ispbill.billing.payments.models import METHOD_LABELS
from ispbill.company import queries as company
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.notifications.enclosures import Paper
from ispbill.portal import queries, service
from ispbill.portal.forms import AskForm
from ispbill.web.downloads import attachment
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import public, requires
from ispbill.web.limiter import limiter
from ispbill.web.requests import found

blueprint = Blueprint("portal", __name__, template_folder="templates")
_TOO_MANY = lazy("Too many requests from your address. Wait a minute and try again.")
_GONE = lazy("This link does not work any more: a newer one was made, or it was withdrawn. Ask for a new one.")
_NO_PAPER = lazy("There is no such paper in this account.")
_STATEMENT_DAYS = 90


def _link_asked() -> str:
    """Whose looks are counted together: those by one link, for a provider's customers may all share one address."""
    return f"{current.tenant.code}:{(request.view_args or {})['account_link']}"


@blueprint.route("/portal", methods=["GET", "POST"])
@public
@limiter.limit("20 per minute; 200 per hour", methods=["POST"], error_message=_TOO_MANY)
def index() -> ResponseReturnValue:
    """What a customer finds who looks for their account: a way to be sent its link; the same answer for everybody."""
    form, identity = AskForm(), company.newest_identity()
    if form.validate_on_submit():
        service.request(account_number=form.account_number.data or "", email=form.email.data or "")
        return render_template("portal/asked.html", identity=identity, email=form.email.data)
    return form_page("portal/index.html", form, identity=identity)


@blueprint.get("/portal/<account_link>")
@public
@limiter.limit("60 per minute", key_func=_link_asked, error_message=_TOO_MANY)
def account(account_link: str) -> ResponseReturnValue:
    """The account: what is to be paid and by when, the services, the papers, the tickets."""
    customer = _holder(account_link)
    return render_template(
        "portal/account.html", account=queries.account(customer), link=account_link, now=current.now(),
        today=current.today(), identity=company.newest_identity(), how_to_pay=company.settings().invoice_note,
        methods=METHOD_LABELS,
    )


@blueprint.get("/portal/<account_link>/invoices/<int:invoice_id>.pdf")
@public
@limiter.limit("60 per minute", key_func=_link_asked, error_message=_TOO_MANY)
def invoice(account_link: str, invoice_id: int) -> Response:
    """One of the customer's bills or notes."""
    _check(queries.owns_invoice(_holder(account_link), invoice_id))
    return _download(papers.invoice(invoice_id))


@blueprint.get("/portal/<account_link>/receipts/<int:payment_id>.pdf")
@public
@limiter.limit("60 per minute", key_func=_link_asked, error_message=_TOO_MANY)
def receipt(account_link: str, payment_id: int) -> Response:
    """The receipt of one of the customer's payments."""
    _check(queries.owns_payment(_holder(account_link), payment_id))
    return _download(papers.receipt(payment_id))


@blueprint.get("/portal/<account_link>/statement.pdf")
@public
@limiter.limit("60 per minute", key_func=_link_asked, error_message=_TOO_MANY)
def statement(account_link: str) -> Response:
    """The customer's account over the last three months."""
    customer, today = _holder(account_link), current.today()
    since = today.fromordinal(today.toordinal() - _STATEMENT_DAYS)
    return _download(papers.statement(customer.id, since=since, until=today))


@blueprint.route("/customers/<int:customer_id>/account-link", methods=["GET", "POST"])
@requires("send_message")
def link(customer_id: int) -> ResponseReturnValue:
    """The link of a customer as the staff see it; to send the form makes one."""
    customer, form = _customer(customer_id), Form()
    if submit(form, lambda: service.give(customer)):
        flash(_("The link is made."), "success")
        return redirect(url_for(".link", customer_id=customer_id))
    known = queries.link_of(customer_id)
    return form_page("portal/link.html", form, customer=customer, known=known,
                     link=queries.token(known) if known else None, address=service.address(known) if known else None)


@blueprint.route("/customers/<int:customer_id>/account-link/send", methods=["GET", "POST"])
@requires("send_message")
def send(customer_id: int) -> ResponseReturnValue:
    """Ask, then e-mail the customer their link."""
    customer, form = _customer(customer_id), Form()
    if submit(form, lambda: service.send(customer)):
        flash(_("The link is on its way to %(email)s.", email=customer.email), "success")
        return redirect(url_for(".link", customer_id=customer_id))
    return form_page("confirm.html", form, title=_("Send the link?"), confirm_label=_("Send link"), style="primary",
                     text=_("By e-mail to %(email)s.", email=customer.email or _("nobody: no address is known")),
                     cancel_url=url_for(".link", customer_id=customer_id))


@blueprint.route("/customers/<int:customer_id>/account-link/withdraw", methods=["GET", "POST"])
@requires("send_message")
def withdraw(customer_id: int) -> ResponseReturnValue:
    """Ask, then let the link open nothing any more."""
    customer, form = _customer(customer_id), Form()
    if submit(form, lambda: service.withdraw(customer)):
        flash(_("The link opens nothing any more."), "success")
        return redirect(url_for(".link", customer_id=customer_id))
    return form_page("confirm.html", form, title=_("Withdraw the link?"), confirm_label=_("Withdraw link"),
                     text=_("Whoever has it sees the account no more. You can make another one."),
                     cancel_url=url_for(".link", customer_id=customer_id))


def _holder(account_link: str) -> Customer:
    return found(queries.holder(account_link), _GONE)


def _customer(customer_id: int) -> Customer:
    return found(customers.get(customer_id), _("There is no such customer."))


def _check(is_theirs: bool) -> None:
    found(is_theirs or None, _NO_PAPER)


def _download(paper: Paper | None) -> Response:
    made = found(paper, _NO_PAPER)
    return attachment(made.content, name=made.name)
