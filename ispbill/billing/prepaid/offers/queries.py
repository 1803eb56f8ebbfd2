"""What a purchase of prepaid time would come to: time, money, where it begins. It reads, and changes nothing."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ispbill.billing.discounts.policy import DiscountableLine
from ispbill.billing.invoices.policy import InvoiceDraft, total
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.lines.policy import LineDraft, split_tax
from ispbill.billing.prepaid import queries as prepaid
from ispbill.billing.prepaid.models import PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.policy import Cost, Grant, arithmetic, discountable, grant, renewal_start, used
from ispbill.billing.pricing import queries as pricing
from ispbill.billing.pricing.policy import lessened, taxed
from ispbill.billing.wallet import queries as wallet
from ispbill.catalogue import queries as plans
from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import Plan, PlanKind, PlanStatus
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import in_coins


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is bought: a kind of load of a plan, at an amount where the kind is `custom`; not before an instant."""

    plan_id: int
    kind: str
    amount_minor: int | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a purchase comes to. Amounts in minor units; `missing_minor` is what the wallet lacks, in coins there are.

    On another plan than before, what is unused of the former one is given back first.
    """

    plan: Plan
    given: Grant
    draft: InvoiceDraft
    starts_at: datetime
    ends_at: datetime
    wallet_minor: int
    given_back_minor: int = 0
    cash_step_minor: int = 0

    @property
    def cost(self) -> Cost:
        """What is asked, in its parts."""
        line = self.draft.lines[0]
        return Cost(line.net_minor, line.tax_minor, self.draft.total_minor - line.net_minor - line.tax_minor)

    @property
    def discount_minor(self) -> int:
        """What discounts take off the price of the time."""
        return self.draft.lines[0].extras.discount_minor

    @property
    def missing_minor(self) -> int:
        """What has to be paid in before it can be loaded."""
        lacking_minor = max(self.draft.total_minor - self.wallet_minor - self.given_back_minor, 0)
        return in_coins(lacking_minor, self.cash_step_minor)


def offer_for(customer_id: int, purchase: Purchase, *, renewed: PrepaidSubscription | None = None) -> Offer:
    """What a purchase would come to now; changes nothing. Raises Invalid for what cannot be bought."""
    plan = _plan(purchase.plan_id)
    price_minor = catalogue.price_in_force(plan, on=current.today())
    given = grant(purchase.kind, price_minor=price_minor, amount_minor=purchase.amount_minor)
    running = renewed if renewed is not None and renewed.status == PrepaidStatus.ACTIVE else None
    starts_at = renewal_start(
        max(_now(), purchase.not_before or _now()), expires_at=running.expires_at if running else None,
        same_plan=running is not None and running.plan_id == plan.id,
    )
    ends_at = starts_at + given.span
    words = arithmetic(purchase.kind, given, price_minor=price_minor, currency=current.tenant.currency)
    periods = discountable(given, price_minor=price_minor, begins_on=_local_day(starts_at), plan_id=plan.id)
    draft = _draft(customer_id, plan, given, periods=periods, words=[_span_words(starts_at, ends_at), words])
    return Offer(
        plan, given, draft, starts_at, ends_at, wallet.balance_of(customer_id),
        given_back_minor=_unused(running) if running is not None and running.plan_id != plan.id else 0,
        cash_step_minor=pricing.rules().cash_step_minor,
    )


def renewed_by(
    customer_id: int, installation_id: int | None, *, prepaid_id: int | None = None
) -> PrepaidSubscription | None:
    """What a load renews: the prepaid subscription that is named, else that of the installation; None where it has no
    prepaid time yet.

    Raises Invalid for the line of another customer.
    """
    known = prepaid.of_line(installation_id) if installation_id else None
    if prepaid_id is not None:
        known = db.session.get(PrepaidSubscription, prepaid_id)
    if known is not None and known.customer_id != customer_id:
        raise Invalid(_("Choose a line of this customer."), field="installation_id")
    return known


def _plan(plan_id: int) -> Plan:
    plan = plans.get(plan_id)
    if plan is None or plan.kind in (PlanKind.ADDON, PlanKind.ONE_TIME):
        raise Invalid(_("Choose a plan that can be loaded."), field="plan_id")
    if plan.status != PlanStatus.ACTIVE:
        raise Conflict(_("%(name)s is retired; nobody can load it any more.", name=plan.name), field="plan_id")
    return plan


def _unused(subscription: PrepaidSubscription) -> int:
    """What of a line's loads would be given back now, tax included."""
    step_minor = pricing.rules().cash_step_minor
    return sum(
        used(load.cost, starts_at=load.starts_at, ends_at=load.ends_at, by=_now(),
             cash_step_minor=step_minor).unused.total_minor
        for load in prepaid.with_time(subscription.id, after=_now())
    )


def _draft(
    customer_id: int, plan: Plan, given: Grant, *, periods: Sequence[DiscountableLine], words: Sequence[str]
) -> InvoiceDraft:
    today = current.today()
    taxes = pricing.taxes_since(today, on=today)
    tax = taxes[plan.tax_rate_id] if plan.tax_rate_id else None
    net_minor, tax_minor = split_tax(given.amount_minor, tax)
    line = LineDraft(
        subscription_id=None, component_id=None, description=f"{plan.name}, prepaid {given.display}", arithmetic="",
        period_start=None, period_end=None, quantity=1, unit_price_minor=given.amount_minor,
        amount_minor=given.amount_minor, net_minor=net_minor, tax_minor=tax_minor,
        account=AccountPurpose.DEFERRED_REVENUE, charge_id=None, credits_line_id=None, tax=tax,
    )
    # A discount that begins between now and the last period has its say there.
    applies = pricing.pricing_of([customer_id], on=max(today, periods[-1].begins_on), taxes=taxes)[customer_id]
    (line,) = lessened([line], [(0, period) for period in periods], applies.grants, currency=current.tenant.currency)
    line = line._replace(arithmetic=", ".join(filter(None, (*words, line.arithmetic))))
    return total(customer_id, [line] if applies.is_plain else taxed([line], on=today, pricing=applies),
                 rules=applies.rules)


def _span_words(starts_at: datetime, ends_at: datetime) -> str:
    zone = current.tenant.zone
    first, last = (f"{moment.astimezone(zone):%-d %b %Y, %H:%M}" for moment in (starts_at, ends_at))
    return f"{first} – {last}"


def _local_day(moment: datetime) -> date:
    return moment.astimezone(current.tenant.zone).date()


def _now() -> datetime:
    return current.now().replace(microsecond=0)
