"""Verbs of contracts: a plan is sold with one or without. Who has subscribed keeps what was agreed."""
from __future__ import annotations

from dataclasses import asdict

from ispbill.catalogue.contracts import queries
from ispbill.catalogue.contracts.models import PlanContract
from ispbill.catalogue.contracts.policy import ContractFacts, checked
from ispbill.catalogue.models import Plan
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _


def bind(plan: Plan, *, facts: ContractFacts) -> PlanContract:
    """Sell a plan with a contract from now on. Raises Invalid."""
    known = checked(facts)
    contract = queries.of_plan(plan.id) or PlanContract(plan_id=plan.id)
    for name, value in asdict(known).items():
        setattr(contract, name, value)
    db.session.add(contract)
    db.session.flush()
    return contract


def release(plan: Plan) -> Plan:
    """Sell a plan without a contract from now on. Raises Conflict when it has none."""
    contract = queries.of_plan(plan.id)
    if contract is None:
        raise Conflict(_("%(name)s is sold without a contract already.", name=plan.name))
    db.session.delete(contract)
    db.session.flush()
    return plan
