"""Cases of contracts: what leaving before the promised day costs."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from ispbill.billing.charges.models import Charge, ChargeKind
from ispbill.catalogue.contracts import service as contracts
from ispbill.catalogue.contracts.policy import ContractFacts
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import service as subscriptions
from tests.conformance.cases import CannotExpress, Case, amount
from tests.conformance.story import day
from tests.conformance.taxing import Till
from tests.make import offers

_MONTHS = ("term_months", "contract_months", "minimum_term_months")
_FEE = ("termination_fee", "early_termination_fee")


def answers(case: Case) -> dict[str, Any]:
    """What leaving costs. Raises CannotExpress for a case of another shape."""
    start, end = case.days("start"), case.days("cancel", "terminate")
    if not case.has(*_MONTHS) or start is None or end is None:
        raise CannotExpress(f"no reading of contracts knows {', '.join(case.given)}")
    till, most = Till(case), case.find("maximum", "most", "cap")
    facts = ContractFacts(
        int(case.find(*_MONTHS)), till.minor(case.find(*_FEE, default=0)), bool(case.find("declining")),
        Decimal(str(case.find("remaining_percent", default=0))), None if most is None else till.minor(most),
    )
    with day(start), unit_of_work():
        plan = offers.plan(till.minor(amount(case.find("plan_amount", "price", default=100))))
        contracts.bind(plan, facts=facts)
        line = offers.subscribe(plans=[(plan, 1, None)], start_on=start)
    with day(end - timedelta(days=1)), unit_of_work():
        subscriptions.end(db.session.get_one(type(line), line.id), on=end, reason="asked")
        fee = db.session.scalar(select(func.sum(Charge.unit_price_minor)).where(
            Charge.kind == ChargeKind.EARLY_TERMINATION, Charge.status != "cancelled"))
    return dict.fromkeys(("fee", "termination_fee", "early_termination_fee"), till.major(int(fee or 0)))
