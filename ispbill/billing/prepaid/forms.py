"""What people enter about prepaid time. A form reads; the rules are the verbs'."""
from __future__ import annotations

from collections.abc import Sequence

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.billing.payments.forms import CashForm, given_field
from ispbill.billing.payments.models import MONEY_METHODS
from ispbill.billing.prepaid.models import KIND_LABELS, LoadKind
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.prepaid.service import Money
from ispbill.catalogue.models import PlanKind
from ispbill.catalogue.queries import PlanOffer
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.web.forms import Form, IdField, MoneyField, options

FROM_WALLET = "wallet"
# While it is filled in, the page is asked what that would give, and what goes back of the cash given; only what decides
# it is sent along. Only for cash it asks what was given.
_FORESEE = {
    "hx-get": "", "hx-target": "#preview", "hx-select": "#preview", "hx-swap": "outerHTML",
    "hx-include": "[name=plan_id],[name=kind]:checked,[name=amount],[name=installation_id],[name=when]:checked,"
                  "[name=method],[name=received],[name=given]",
    "hx-sync": "closest form:queue last", "hx-select-oob": "#change",
}
ASKED_AT_ONCE = {**_FORESEE, "hx-trigger": "change"}
_TYPED = {**_FORESEE, "hx-trigger": "input changed delay:300ms"}


class LoadForm(CashForm):
    """A load: of which plan, for how long, on which line, and the money that comes in with it."""

    plan_id = IdField(lazy("Plan"), [InputRequired(lazy("Choose a plan."))], render_kw=ASKED_AT_ONCE)
    installation_id = IdField(lazy("Installation"), render_kw=ASKED_AT_ONCE)
    kind = RadioField(lazy("Load"), choices=options(KIND_LABELS.items()), default=LoadKind.ONE_MONTH,
                      render_kw=ASKED_AT_ONCE)
    amount = MoneyField(lazy("Amount"), description=lazy("For any amount: days = amount ÷ price × 30"),
                        render_kw=_TYPED)
    method = SelectField(lazy("Paid by"), choices=[], default=FROM_WALLET,
                         render_kw={**ASKED_AT_ONCE, "hx-select-oob": "#cash"})
    received = MoneyField(lazy("Money received"), description=lazy("Empty: exactly what the wallet lacks"),
                          render_kw=_TYPED)
    given = given_field(_TYPED)
    reference = StringField(lazy("Reference"), [Length(max=100)],
                            description=lazy("Of the transfer, card slip or cheque"))

    def offer(self, plans: Sequence[PlanOffer], installations: Sequence[tuple[int, str]] | None) -> None:
        """Set the choices: plans with their price, the customer's lines (None: the line is known), ways to pay."""
        lasting = [plan for plan in plans if plan.kind != PlanKind.ADDON]
        self.plan_id.offer([(plan.id, _priced(plan)) for plan in lasting], empty=_("Choose a plan"))
        ways = [(FROM_WALLET, _("From the wallet"))]
        if current.actor.may("record_payment"):
            ways += MONEY_METHODS.items()
        else:
            del self.received, self.given, self.reference
        self.method.choices = options(ways)
        if installations is None:
            del self.installation_id
        else:
            self.installation_id.offer(installations, empty=_("None yet"))

    def purchase(self) -> Purchase:
        """What is bought."""
        amount_minor = self.amount.data if self.kind.data == LoadKind.CUSTOM else None
        return Purchase(plan_id=self.plan_id.data or 0, kind=self.kind.data, amount_minor=amount_minor)

    def money(self) -> Money | None:
        """What comes in with it; None where the wallet pays."""
        if self.method.data not in MONEY_METHODS:
            return None
        return Money(self.method.data, reference=self.reference.data, amount_minor=self.received.data)


class CancelForm(Form):
    """Why something is cancelled."""

    reason = TextAreaField(lazy("Reason"), [InputRequired(lazy("Say why: whoever looks later will want to know.")),
                                      Length(max=500)])


def _priced(plan: PlanOffer) -> str:
    if plan.amount_minor is None:
        return _("%(plan)s (no price yet)", plan=plan.name)
    return _("%(plan)s, %(price)s for 30 days", plan=plan.name,
             price=format_money(plan.amount_minor, current.tenant.currency))
