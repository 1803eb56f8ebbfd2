"""The pages of hand-overs: signing one's side, signing the other, withdrawing."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.cash import queries as drawers
from ispbill.billing.cash.blueprint import blueprint
from ispbill.billing.cash.forms import HandOverForm
from ispbill.billing.cash.handovers import queries, service
from ispbill.billing.cash.models import CashHandover, CashSession, CashSessionStatus
from ispbill.core.current import current
from ispbill.core.errors import Forbidden
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.web.forms import Form, form_page, options, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_OFFICE = "office"
_NONE = lazy("There is no such hand-over.")


@blueprint.route("/hand-over", methods=["GET", "POST"])
@requires("open_cash_session")
def hand_over() -> ResponseReturnValue:
    """Sign one's side of a hand-over; the other side signs next."""
    form, ways = HandOverForm(), _ways()
    form.way.choices = options((key, label) for key, (label, _source, _to) in ways.items())
    if submit(form, lambda: service.hand_over(form.amount.data, source=ways[form.way.data][1],
                                              to=ways[form.way.data][2])):
        flash(_("Signed. The cash moves when the other side has signed too."), "success")
        return redirect(url_for(".index"))
    return form_page("cash/hand_over.html", form, ways=ways)


@blueprint.route("/handovers/<int:handover_id>/sign", methods=["GET", "POST"])
@requires("open_cash_session")
def sign(handover_id: int) -> ResponseReturnValue:
    """Ask, then sign for the other side."""
    handover, form = _visible(handover_id), Form()
    if submit(form, lambda: service.sign(handover)):
        flash(_("Signed by both: the cash is the taker's now."), "success")
        return redirect(url_for(".index"))
    amount = format_money(handover.amount_minor, current.tenant.currency)
    text = (_("%(name)s says they have taken %(amount)s.", name=handover.taken_by, amount=amount)
            if handover.given_at is None else
            _("%(name)s says they have given %(amount)s. Count it first.", name=handover.given_by, amount=amount))
    return form_page("confirm.html", form, title=_("Sign for %(amount)s?", amount=amount), text=text, style="primary",
                     confirm_label=_("Sign"), cancel_url=url_for(".index"))


@blueprint.route("/handovers/<int:handover_id>/withdraw", methods=["GET", "POST"])
@requires("open_cash_session")
def withdraw(handover_id: int) -> ResponseReturnValue:
    """Ask, then take a hand-over back that was signed by one side only."""
    handover, form = _visible(handover_id), Form()
    if submit(form, lambda: service.withdraw(handover)):
        flash(_("The hand-over is withdrawn; no cash has moved."), "success")
        return redirect(url_for(".index"))
    return form_page(
        "confirm.html", form, title=_("Withdraw this hand-over?"), confirm_label=_("Withdraw"),
        text=_("%(amount)s stays where it is.", amount=format_money(handover.amount_minor, current.tenant.currency)),
        cancel_url=url_for(".index"),
    )


def _visible(handover_id: int) -> CashHandover:
    """A hand-over of whose sides the actor is one; another's is not there for them."""
    handover = found(queries.get(handover_id), _NONE)
    sides = (handover.from_session_id, handover.to_session_id)
    own = {session.id for key in sides if key and (session := drawers.get(key)) is not None
           and session.holder_id == current.actor.user_id}
    if not own and not current.actor.may("close_cash_session"):
        raise Forbidden(_("Only who gives or takes it sees this hand-over."))
    return handover


def _ways() -> dict[str, tuple[str, CashSession | None, CashSession | None]]:
    """From whom to whom the actor may sign, by a key: what people read, the giving and the taking drawer."""
    own = drawers.live_of(current.actor.user_id or 0)
    others = drawers.others_open(current.actor.user_id)
    ways: dict[str, tuple[str, CashSession | None, CashSession | None]] = {}
    if own is not None and own.status == CashSessionStatus.OPEN:
        ways[f"own-{_OFFICE}"] = (_("My drawer to the office"), own, None)
        ways[f"{_OFFICE}-own"] = (_("The office to my drawer"), None, own)
        for other in others:
            ways[f"own-{other.id}"] = (_("My drawer to %(name)s", name=other.holder_name), own, other)
            ways[f"{other.id}-own"] = (_("%(name)s to my drawer", name=other.holder_name), other, own)
    if current.actor.may("close_cash_session"):
        for other in others:
            ways[f"{_OFFICE}-{other.id}"] = (_("The office to %(name)s", name=other.holder_name), None, other)
            ways[f"{other.id}-{_OFFICE}"] = (_("%(name)s to the office", name=other.holder_name), other, None)
    return ways
