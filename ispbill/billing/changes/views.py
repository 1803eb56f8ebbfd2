"""Pages that change a subscription; each shows what the next bill makes of it while it is filled in."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.changes import service
from ispbill.billing.changes.forms import (
    AddForm,
    AnchorForm,
    ChangeForm,
    EffectForm,
    EndForm,
    RemoveForm,
    ResumeForm,
    SuspendForm,
)
from ispbill.billing.changes.policy import Effect
from ispbill.catalogue import queries as catalogue
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.errors import DomainError
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.customers.suspension_reasons import queries as suspension_reasons
from ispbill.customers.suspension_reasons.forms import labelled
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.subscriptions.pauses import queries as pauses
from ispbill.subscriptions.pauses import service as pause_verbs
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("changes", __name__, template_folder="templates")
AnyForm = TypeVar("AnyForm", bound=EffectForm)
_NONE = lazy("There is no such subscription.")
_NOT_SAID_YET = lazy("not said yet")
_CHOOSE_WHY = lazy("Choose why, and this says what is billed and what is given back.")
_CHOOSE = lazy("Choose a plan, and this says what is billed.")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the title, the button, what is said when it is done, how grave it is, and when it is billed again
    where no day is known.
    """

    title: str
    label: str
    done: str
    text: str
    style: str = "primary"
    unknown: str = lazy("Not any more")


@blueprint.route("/customer-subscriptions/components/<int:component_id>/change", methods=["GET", "POST"])
@requires("change_subscription")
def change(component_id: int) -> ResponseReturnValue:
    """Another plan, quantity or price from a day on."""
    part, subscription = _component(component_id)
    form = _asked(ChangeForm, plan_id=part.plan_id, quantity=part.quantity, on=current.today())
    form.offer(catalogue.offers(on=form.on.data or current.today()), (part.plan_id, part.plan.name))
    return _answer(
        subscription, form, lambda: changes.change(part, subscription, on=form.on.data, new=NewTerms(
            plan=found(catalogue.get(form.plan_id.data or 0)), quantity=form.quantity.data,
            unit_price_minor=form.unit_price.data, restarts=form.restarts.data,
        )),
        Question(_("Change %(name)s", name=part.plan.name), _("Save change"), _("The subscription is changed."),
                 _("The day of the change belongs to what is new. What was agreed for the rest stays as it is.")),
    )


@blueprint.route("/customer-subscriptions/components/<int:component_id>/remove", methods=["GET", "POST"])
@requires("change_subscription")
def remove(component_id: int) -> ResponseReturnValue:
    """Charge something no longer from a day on."""
    part, subscription = _component(component_id)
    form = _asked(RemoveForm, on=current.today())
    return _answer(
        subscription, form, lambda: changes.remove(part, subscription, on=form.on.data),
        Question(_("Remove %(name)s", name=part.plan.name), _("Remove from subscription"),
                 _("%(name)s is removed.", name=part.plan.name), _("Everything else of the subscription goes on."),
                 style="danger"),
    )


@blueprint.route("/customer-subscriptions/<int:subscription_id>/add", methods=["GET", "POST"])
@requires("change_subscription")
def add(subscription_id: int) -> ResponseReturnValue:
    """Charge something more from a day on."""
    subscription, form = _subscription(subscription_id), _asked(AddForm, quantity=1, on=current.today())
    form.offer(catalogue.offers(on=form.on.data or current.today()))
    return _answer(
        subscription, form, lambda: changes.add(
            subscription, plan=found(catalogue.get(form.plan_id.data or 0), _CHOOSE),
            quantity=form.quantity.data or 0,
            unit_price_minor=form.unit_price.data, on=form.on.data,
        ),
        Question(_("Add to the subscription"), _("Add to subscription"), _("The subscription is changed."),
                 _("It is billed on the same days as what runs already.")),
    )


@blueprint.route("/customer-subscriptions/<int:subscription_id>/billing-day", methods=["GET", "POST"])
@requires("change_subscription")
def move_anchor(subscription_id: int) -> ResponseReturnValue:
    """Bill on another day of the month."""
    subscription = _subscription(subscription_id)
    on = max(subscription.billed_until, current.today())
    form = _asked(AnchorForm, anchor_day=subscription.anchor_day, on=on)
    return _answer(
        subscription, form, lambda: changes.move_anchor(
            subscription, anchor_day=form.anchor_day.data or 0, on=form.on.data
        ),
        Question(_("Another billing day"), _("Move billing day"),
                 _("It is billed on day %(data)s now.", data=form.anchor_day.data),
                 _("The days up to the first new billing day are billed as a part of a period.")),
    )


@blueprint.route("/customer-subscriptions/<int:subscription_id>/suspend", methods=["GET", "POST"])
@requires("suspend_service")
def suspend(subscription_id: int) -> ResponseReturnValue:
    """Stop serving for a time; the days without service are billed, or not, or given back."""
    subscription = _subscription(subscription_id)
    form = _asked(SuspendForm, on=current.today())
    form.reason_id.offer(labelled(suspension_reasons.on_offer()), empty=_("Choose why"))
    return _answer(
        subscription, form, lambda: subscriptions.suspend(
            subscription, on=form.on.data, until=form.until.data, reason=form.reason.data or "",
            because=found(suspension_reasons.get(form.reason_id.data or 0), _CHOOSE_WHY),
        ),
        Question(_("Suspend the subscription"), _("Suspend subscription"), _("The suspension is noted."),
                 _("It begins and ends by itself on the days you say. Without a second day, it is not served until "
                   "somebody resumes it."), style="danger", unknown=_("When it resumes")),
    )


@blueprint.route("/customer-subscriptions/pauses/<int:pause_id>/cancel", methods=["GET", "POST"])
@requires("suspend_service")
def cancel_pause(pause_id: int) -> ResponseReturnValue:
    """Take back a suspension that is booked."""
    pause = found(pauses.get(pause_id), _NONE)
    subscription, form = _subscription(pause.subscription_id), Form()
    back = url_for("subscriptions.detail", subscription_id=subscription.id)
    if submit(form, lambda: pause_verbs.cancel(pause, subscription)):
        flash(_("The suspension is cancelled. The next billing takes it into account."), "success")
        return redirect(back)
    return form_page(
        "confirm.html", form, title=_("Cancel the suspension from %(day)s?", day=formats.short_date(pause.start_on)),
        text=_("%(name)s is served and billed on those days; what was given back for them is billed again.",
               name=subscription.customer.name),
        confirm_label=_("Cancel the suspension"), cancel_label=_("Keep it"), cancel_url=back,
    )


@blueprint.route("/customer-subscriptions/<int:subscription_id>/resume", methods=["GET", "POST"])
@requires("restore_service")
def resume(subscription_id: int) -> ResponseReturnValue:
    """Serve and bill again."""
    subscription, form = _subscription(subscription_id), _asked(ResumeForm, on=current.today())
    return _answer(
        subscription, form, lambda: subscriptions.resume(subscription, on=form.on.data),
        Question(_("Resume the subscription"), _("Resume subscription"), _("The subscription is served again."),
                 _("Days given back from this day on are billed again.")),
    )


@blueprint.route("/customer-subscriptions/<int:subscription_id>/end", methods=["GET", "POST"])
@requires("cancel_subscription")
def end(subscription_id: int) -> ResponseReturnValue:
    """Serve and bill no longer from a day on."""
    subscription = _subscription(subscription_id)
    form = _asked(EndForm, on=subscriptions.period_end(subscription), credits=True)
    return _answer(
        subscription, form, lambda: subscriptions.end(
            subscription, on=form.on.data, reason=form.reason.data or _NOT_SAID_YET, credits=form.credits.data
        ),
        Question(_("End the subscription"), _("End subscription"), _("The subscription will end, or has ended."),
                 _("It is served up to the day before."), style="danger"),
    )


def _asked(form_class: type[AnyForm], **first: object) -> AnyForm:
    """The form as it was sent, as htmx asks with it while it is filled in, or as it begins."""
    if request.method == "GET" and "on" in request.args:
        return form_class(formdata=request.args)
    return form_class(data=first)


def _answer(
    subscription: Subscription, form: EffectForm, verb: Callable[[], Subscription], question: Question
) -> ResponseReturnValue:
    here, customer = url_for("subscriptions.detail", subscription_id=subscription.id), subscription.customer
    done = None if "show" in request.form else submit(form, verb)
    if done:
        flash(_("%(done)s The next billing takes it into account.", done=question.done), "success")
        return redirect(here)
    effect, refusal = _foreseen(subscription.id, form, verb)
    return form_page("changes/change.html", form, question=question, customer=customer, back=here, effect=effect,
                     refusal=refusal)


def _foreseen(
    subscription_id: int, form: EffectForm, verb: Callable[[], Subscription]
) -> tuple[Effect | None, str]:
    """What the form would mean as it stands, or why it means nothing."""
    if form["on"].data is None:
        return None, ""
    try:
        return service.foresee(_subscription(subscription_id), verb, on=form["on"].data), ""
    except DomainError as error:
        return None, error.message


def _component(component_id: int) -> tuple[SubscriptionComponent, Subscription]:
    part = found(queries.component(component_id), _NONE)
    return part, _subscription(part.subscription_id)


def _subscription(subscription_id: int) -> Subscription:
    return found(queries.get(subscription_id), _NONE)
