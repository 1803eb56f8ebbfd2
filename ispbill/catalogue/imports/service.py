"""Plans as a kind of import, known by their code. Another price is a new version from the day given for the file."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace

from ispbill.catalogue import queries
from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import Plan, PlanPrice, TaxRate
from ispbill.catalogue.policy import KINDS, LONGEST_TRIAL_DAYS, PlanFacts, PriceVersion, checked, price_in_force
from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.current import current
from ispbill.core.errors import DomainError
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.tables import Row, Table
from ispbill.imports.kinds import Kind, Terms
from ispbill.imports.policy import NUMBER, Column, Effect, Loaded, Step, Total, differing, given_in

COLUMNS = (
    Column("code", lazy("It is known by this"), is_required=True, example="FIBER-50", also=("plan code",)),
    Column("name", lazy("As bills name it"), is_required=True, example="Fiber 50", also=("plan", "plan name")),
    Column("price", lazy("For a period, in the company's currency"), is_required=True, example="1499.00",
           also=("monthly price", "amount", "monthly fee", "rate"), holds=NUMBER),
    Column("kind", lazy("internet, voice, other or addon"), example="internet", also=("type",)),
    Column("download_mbps", lazy("Whole number"), example="50", also=("download", "speed")),
    Column("upload_mbps", lazy("Whole number"), example="50", also=("upload",)),
    Column("tax", lazy("The name of a tax that is in use"), example="", also=("tax name", "vat")),
    Column("period_unit", lazy("month or day"), example="month"),
    Column("period_count", lazy("How many of them make a period"), example="1"),
    Column("timing", lazy("advance or arrears"), example="advance"),
    Column("trial_days", lazy("Not charged to who takes it for the first time"), example="0", also=("trial",)),
    Column("description", lazy("For staff"), example=""),
)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A plan of a file, with its price."""

    facts: PlanFacts
    price_minor: int


def load(table: Table, terms: Terms) -> Loaded:
    """Each line as a plan, with what of it differs from the plan of its code."""
    rates = {tax.name.lower(): tax for tax in taxes.active()}
    read = [(row, plan) for row in table.rows if (plan := _read(row, rates)) is not None]
    known = {plan.code: plan for plan in queries.by_codes([plan.facts.code for _, plan in read])}
    steps = [_step(row, plan, known.get(plan.facts.code), terms) for row, plan in read if not row.errors]
    errors = [error for row in table.rows for error in row.errors]
    return Loaded(steps, errors, [
        Total(_("Plans in the file"), len(read)),
        Total(_("Their prices together"), sum(plan.price_minor for _, plan in read), is_money=True),
    ], [(row.line, "code", plan.facts.code) for row, plan in read])


def write(steps: Sequence[Step], terms: Terms) -> list[Effect]:
    """Put new plans on sale, correct known ones; another price begins on the day of the file."""
    return [effect for step in steps for effect in (_change(step, terms) if step.known else _add(step, terms))]


def _read(row: Row, rates: dict[str, TaxRate]) -> _Listed | None:
    facts = PlanFacts(
        code=row.text("code", required=True), name=row.text("name", required=True),
        kind=row.choice("kind", KINDS, default="internet"),
        download_mbps=row.whole("download_mbps", low=1, high=1_000_000),
        upload_mbps=row.whole("upload_mbps", low=1, high=1_000_000), tax_rate_id=_tax(row, rates),
        description=row.text("description"), period_unit=row.choice("period_unit", ("month", "day"), default="month"),
        period_count=row.whole("period_count", low=1, high=366) or 1,
        timing=row.choice("timing", ("advance", "arrears"), default="advance"),
        trial_days=row.whole("trial_days", low=0, high=LONGEST_TRIAL_DAYS) or 0,
    )
    price_minor = row.money("price", currency=current.tenant.currency)
    if price_minor is None and not row.errors:
        row.refuse("price", _("Nothing stands here."), _("A price like 1499.00; 0 for what is free."))
    if row.errors or price_minor is None:
        return None
    try:
        return _Listed(checked(facts), price_minor)
    except DomainError as refusal:
        row.refuse(refusal.field or "code", refusal.message, _("Mend the value."))
        return None


def _tax(row: Row, rates: dict[str, TaxRate]) -> int | None:
    name = row.text("tax")
    if not name:
        return None
    if name.lower() not in rates:
        row.refuse("tax", _("No tax that is in use has this name."), " or ".join(tax.name for tax in rates.values()) or
                   _("Add it under Taxes first, or empty the cell."))
        return None
    return rates[name.lower()].id


def _step(row: Row, plan: _Listed, known: Plan | None, terms: Terms) -> Step:
    if known is None:
        return Step(row.line, plan)
    given = {"tax_rate_id" if name == "tax" else name for name in given_in(row)}
    changes = differing(known, asdict(plan.facts), given=given)
    versions = [PriceVersion(price.valid_from, price.amount_minor) for price in known.prices]
    if price_in_force(versions, on=terms.day) != plan.price_minor:
        changes["price"] = plan.price_minor
        if any(price.valid_from == terms.day for price in known.prices):
            row.refuse("price", _("Another price holds from this day already."),
                       _("Upload the file again, with a later day."))
    return Step(row.line, plan, known, changes)


def _add(step: Step, terms: Terms) -> list[Effect]:
    plan = catalogue.add(step.facts.facts, amount_minor=step.facts.price_minor, valid_from=terms.day)
    return [Effect(step.line, Plan.__tablename__, plan.id)]


def _change(step: Step, terms: Terms) -> list[Effect]:
    plan, changes = step.known, dict(step.changes)
    price_minor, effects = changes.pop("price", None), []
    if changes:
        before = {name: getattr(plan, name) for name in changes}
        now = PlanFacts(**{field.name: getattr(plan, field.name) for field in fields(PlanFacts)})
        catalogue.change(plan, facts=replace(now, **changes))
        effects.append(Effect(step.line, Plan.__tablename__, plan.id, before, changes))
    if price_minor is not None:
        price = catalogue.set_price(plan, amount_minor=price_minor, valid_from=terms.day)
        effects.append(Effect(step.line, PlanPrice.__tablename__, price.id))
    return effects


KIND = Kind(
    code="plans", label=lazy("Plans"), permission="add_subscriptionplan",
    undo_permission="delete_subscriptionplan", columns=lambda: COLUMNS, load=load,
    write=write,
    models=(Plan, PlanPrice), owned=frozenset({"plan_prices"}), key="code", day=lazy("Prices hold from"),
)
