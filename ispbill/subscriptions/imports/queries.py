"""Reads of an import: how a file's rows meet the books, and the files brought in so far."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import exists, select
from sqlalchemy.orm import selectinload

from ispbill.areas import queries as areas
from ispbill.areas.policy import path_key
from ispbill.catalogue.models import Plan, PlanStatus
from ispbill.catalogue.policy import PriceVersion, price_in_force
from ispbill.core.bulk import any_text
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.tables import RowError
from ispbill.customers import queries as customers
from ispbill.imports.models import ImportBatch, ImportStatus
from ispbill.subscriptions.imports.policy import Contents, DerivedPlan, Entry, Sale
from ispbill.subscriptions.policy import check_start


@dataclass(frozen=True, slots=True)
class Matched:
    """What of a file is new to the books: entries with area and price found, and plans to be added."""

    entries: Sequence[Entry]
    plans: Sequence[DerivedPlan]
    unchanged: int
    errors: Sequence[RowError]


def match(contents: Contents, *, is_known_file: bool) -> Matched:
    """Hold a file against the books.

    A row is known by its account number or external reference, else with its file.
    """
    fresh = _fresh(contents.entries, is_known_file=is_known_file)
    unchanged = len(contents.entries) - len(fresh)
    errors = list(contents.errors)
    codes = sorted({entry.sale.plan_code for entry in fresh if entry.sale})
    known_plans = _plans_by_code(codes)
    derived = {plan.code: plan for plan in contents.plans}
    area_ids = areas.ids_by_path() if any(entry.area for entry in fresh) else {}
    entries = []
    for entry in fresh:
        here = placed(entry, area_ids)
        entries.append(replace(here, sale=_priced(here, known_plans, derived)))
        errors += entry.row.errors
    plans = [derived[code] for code in codes if code in derived and code not in known_plans]
    errors.sort(key=lambda error: error.line)
    return Matched(entries=entries, plans=plans, unchanged=unchanged, errors=errors)


def plan_ids(codes: Sequence[str]) -> dict[str, int]:
    """The ids of the plans that have one of the codes."""
    rows = db.session.execute(select(Plan.code, Plan.id).where(Plan.code == any_text(codes)))
    return {code: plan_id for code, plan_id in rows}


def came_before(batch_id: int) -> bool:
    """Whether the file of a batch was brought in before, by another one."""
    digest = select(ImportBatch.file_digest).where(ImportBatch.id == batch_id).scalar_subquery()
    known = exists().where(ImportBatch.file_digest == digest, ImportBatch.id != batch_id,
                           ImportBatch.status == ImportStatus.IMPORTED)
    return bool(db.session.execute(select(known)).scalar_one())


def is_imported(file_digest: str) -> bool:
    """Whether this very file has been imported before."""
    known = exists().where(
        ImportBatch.file_digest == file_digest, ImportBatch.status == ImportStatus.IMPORTED
    )
    return bool(db.session.execute(select(known)).scalar_one())


def _fresh(entries: Sequence[Entry], *, is_known_file: bool) -> list[Entry]:
    numbers = customers.known_account_numbers([entry.account_number for entry in entries])
    references = customers.known_references([entry.facts.external_reference or "" for entry in entries])

    def is_known(entry: Entry) -> bool:
        if not (entry.account_number or entry.facts.external_reference):
            return is_known_file
        return entry.account_number in numbers or entry.facts.external_reference in references

    return [entry for entry in entries if not is_known(entry)]


def _plans_by_code(codes: Sequence[str]) -> dict[str, Plan]:
    statement = select(Plan).where(Plan.code == any_text(codes)).options(selectinload(Plan.prices))
    return {plan.code: plan for plan in db.session.scalars(statement)}


def placed(entry: Entry, area_ids: Mapping[tuple[str, ...], int]) -> Entry:
    """The entry with its area found, or the reason noted why it is not."""
    if not entry.area:
        return entry
    area_id = area_ids.get(path_key(entry.area))
    if area_id is None:
        entry.row.refuse("area", _("There is no such area."), _("Add it under Areas first, or import the list."))
    return replace(entry, facts=replace(entry.facts, area_id=area_id))


def _priced(entry: Entry, known: dict[str, Plan], derived: dict[str, DerivedPlan]) -> Sale | None:
    sale = entry.sale
    if sale is None:
        return None
    try:
        check_start(sale.start_on, today=current.today())
    except Invalid as refusal:
        entry.row.refuse(refusal.field or "start_on", refusal.message, _("A day within a year of today."))
    plan = known.get(sale.plan_code)
    if plan is None:
        if sale.plan_code not in derived:
            entry.row.refuse("plan_code", _("There is no plan with this code."), _("Add it under Plans first."))
        return sale
    if plan.status != PlanStatus.ACTIVE:
        entry.row.refuse("plan_code", _("The plan is retired."), _("Activate it, or choose another."))
    return _at_a_price(entry, sale, plan)


def _at_a_price(entry: Entry, sale: Sale, plan: Plan) -> Sale:
    if sale.price_minor is not None:
        return sale
    versions = [PriceVersion(price.valid_from, price.amount_minor) for price in plan.prices]
    price_minor = price_in_force(versions, on=sale.start_on)
    if price_minor is None:
        entry.row.refuse("monthly_price", _("The plan has no price on %(start_on)s.", start_on=sale.start_on),
                         _("Give the price."))
    return replace(sale, price_minor=price_minor)
