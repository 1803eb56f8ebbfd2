"""Verbs of bundles. What a bundle consists of is final: other terms are another bundle."""
from __future__ import annotations

from collections.abc import Sequence

from ispbill.catalogue import queries as plans
from ispbill.catalogue.bundles.models import Bundle, BundlePart, BundleStatus
from ispbill.catalogue.bundles.policy import PartFacts, bundle_name, check_parts
from ispbill.catalogue.models import PlanKind, PlanStatus
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _


def add(name: str, *, parts: Sequence[PartFacts], description: str = "") -> Bundle:
    """Put plans on sale together. Raises Invalid; the database refuses a second bundle of a name."""
    known = bundle_name(name)
    check_parts(parts)
    for place, part in enumerate(parts, start=1):
        plan = plans.get(part.plan_id)
        if plan is None or plan.status != PlanStatus.ACTIVE or plan.kind == PlanKind.ONE_TIME:
            raise Invalid(_("Choose a plan that is on sale."), field=f"plan_{place}")
    bundle = Bundle(name=known, description=description.strip(), status=BundleStatus.ACTIVE, created_at=current.now())
    db.session.add(bundle)
    db.session.flush()
    db.session.add_all([
        BundlePart(bundle_id=bundle.id, position=place, plan_id=part.plan_id, quantity=part.quantity,
                   unit_price_minor=part.unit_price_minor)
        for place, part in enumerate(parts, start=1)
    ])
    db.session.flush()
    return bundle


def retire(bundle: Bundle) -> Bundle:
    """Sell a bundle no longer; who has its plans keeps them. Raises Conflict when it is retired already."""
    if bundle.status == BundleStatus.RETIRED:
        raise Conflict(_("%(name)s is retired already.", name=bundle.name))
    bundle.status = BundleStatus.RETIRED
    db.session.flush()
    return bundle


def activate(bundle: Bundle) -> Bundle:
    """Sell a retired bundle again. Raises Conflict when it is on sale."""
    if bundle.status == BundleStatus.ACTIVE:
        raise Conflict(_("%(name)s is on sale already.", name=bundle.name))
    bundle.status = BundleStatus.ACTIVE
    db.session.flush()
    return bundle
