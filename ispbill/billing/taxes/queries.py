"""Reads of exemptions and withholdings: the lists, a customer's own, and those of many customers for billing."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from ispbill.billing.taxes.models import TaxExemption, TaxWithholding
from ispbill.billing.taxes.policy import Exemption
from ispbill.catalogue.models import TaxRate
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching

SORTS = {
    "newest": SortKey((TaxExemption.id,), descending=True),
    "since": SortKey((TaxExemption.starts_on, TaxExemption.id)),
}
# A certificate that ends within these days should be asked for anew.
SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class ExemptionFilter:
    """What the list is narrowed to; `state`: active, expiring or ended, as of a day."""

    today: date
    term: str = ""
    state: str | None = None


def listing(wanted: ExemptionFilter) -> AnySelect:
    """Exemptions with their customers and taxes, as the filter wants."""
    statement = select(
        TaxExemption, Customer.name.label("customer_name"), Customer.account_number, TaxRate.name.label("tax_name"),
    ).join(Customer, Customer.id == TaxExemption.customer_id).outerjoin(TaxRate, TaxRate.id == TaxExemption.tax_rate_id)
    return statement.where(*_conditions(wanted))


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, the newest first."""
    return db.session.execute(statement.order_by(TaxExemption.id.desc())).all()


def get(exemption_id: int) -> TaxExemption | None:
    """An exemption with its customer."""
    return db.session.scalars(
        select(TaxExemption).where(TaxExemption.id == exemption_id).options(joinedload(TaxExemption.customer))
    ).one_or_none()


def get_withholding(withholding_id: int) -> TaxWithholding | None:
    """A withholding with its customer."""
    return db.session.scalars(
        select(TaxWithholding).where(TaxWithholding.id == withholding_id).options(joinedload(TaxWithholding.customer))
    ).one_or_none()


def of_customer(customer_id: int, *, on: date) -> Sequence[TaxExemption]:
    """A customer's exemptions that are not over, the oldest first."""
    return db.session.scalars(
        select(TaxExemption).where(TaxExemption.customer_id == customer_id,
                                   or_(TaxExemption.ends_on.is_(None), TaxExemption.ends_on > on))
        .order_by(TaxExemption.starts_on, TaxExemption.id).options(joinedload(TaxExemption.tax_rate))
    ).all()


def withholding_of(customer_id: int, *, on: date) -> TaxWithholding | None:
    """What a customer withholds on a day or will, if anything."""
    return db.session.scalars(
        select(TaxWithholding).where(TaxWithholding.customer_id == customer_id,
                                     or_(TaxWithholding.ends_on.is_(None), TaxWithholding.ends_on > on))
        .order_by(TaxWithholding.starts_on.desc(), TaxWithholding.id.desc()).limit(1)
    ).one_or_none()


def exemptions_of(customer_ids: Collection[int], *, on: date) -> dict[int, list[Exemption]]:
    """Exemptions of customers that began by a day, by customer, as billing applies them; in one statement."""
    found: dict[int, list[Exemption]] = defaultdict(list)
    rows = db.session.scalars(
        select(TaxExemption)
        .where(TaxExemption.customer_id == any_key(customer_ids), TaxExemption.starts_on <= on)
        .order_by(TaxExemption.id)
    )
    for row in rows:
        found[row.customer_id].append(Exemption(row.tax_rate_id, row.reason, row.starts_on, row.ends_on))
    return dict(found)


def _conditions(wanted: ExemptionFilter) -> list[ColumnElement[bool]]:
    ends_on, today = TaxExemption.ends_on, wanted.today
    states = {
        "active": or_(ends_on.is_(None), ends_on > today), "ended": ends_on <= today,
        "expiring": (ends_on > today) & (ends_on <= today + timedelta(days=SOON_DAYS)),
    }
    conditions = [states[wanted.state]] if wanted.state in states else []
    return [*conditions, matching(wanted.term)] if wanted.term else conditions
