"""Reads of what is owed in prepaid service: load by load, and the ledger's account that it must come to."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger.models import JournalPosting, LedgerAccount
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidRecognition, PrepaidSubscription
from ispbill.catalogue.models import Plan
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching

SORTS = {
    "ends": SortKey((PrepaidLoad.ends_at, PrepaidLoad.id)),
    "owed": SortKey((PrepaidLoad.net_minor - PrepaidLoad.recognised_minor, PrepaidLoad.id), descending=True),
}
_NIGHTS = 14


@dataclass(frozen=True, slots=True)
class TieOut:
    """What the loads say is owed in service, and what the ledger says. Amounts in minor units, without tax."""

    account_id: int
    load_count: int
    billed_minor: int
    recognised_minor: int
    ledger_minor: int

    @property
    def owed_minor(self) -> int:
        """What of all loads has not become revenue yet."""
        return self.billed_minor - self.recognised_minor

    @property
    def difference_minor(self) -> int:
        """Zero, or something is wrong."""
        return self.owed_minor - self.ledger_minor


def listing(*, term: str = "") -> AnySelect:
    """The loads of which something is owed still, with customer, plan and invoice."""
    statement = (
        select(
            PrepaidLoad.id, PrepaidLoad.subscription_id, PrepaidLoad.starts_at, PrepaidLoad.ends_at,
            PrepaidLoad.net_minor, PrepaidLoad.recognised_minor,
            (PrepaidLoad.net_minor - PrepaidLoad.recognised_minor).label("owed_minor"),
            Customer.name.label("customer_name"), Customer.account_number, Plan.name.label("plan_name"),
            Invoice.id.label("invoice_id"), Invoice.number.label("invoice_number"),
        )
        .join(PrepaidSubscription, PrepaidLoad.subscription_id == PrepaidSubscription.id)
        .join(Customer, PrepaidSubscription.customer_id == Customer.id)
        .join(Plan, PrepaidLoad.plan_id == Plan.id).join(Invoice, PrepaidLoad.invoice_id == Invoice.id)
        .where(*_owed())
    )
    return statement.where(matching(term)) if term else statement


def everything(statement: AnySelect) -> list[AnyRow]:
    """All rows of a listing, those that end first before others."""
    return list(db.session.execute(statement.order_by(PrepaidLoad.ends_at, PrepaidLoad.id)))


def tie_out() -> TieOut:
    """The sums over all loads, and the account of deferred revenue, as they are now."""
    count, billed_minor, recognised_minor = db.session.execute(
        select(func.count(), func.coalesce(func.sum(PrepaidLoad.net_minor), 0),
               func.coalesce(func.sum(PrepaidLoad.recognised_minor), 0)).where(*_owed())
    ).one()
    account_id, ledger_minor = db.session.execute(
        select(LedgerAccount.id, func.coalesce(-func.sum(JournalPosting.amount_minor), 0))
        .outerjoin(JournalPosting, JournalPosting.account_id == LedgerAccount.id)
        .where(LedgerAccount.purpose == AccountPurpose.DEFERRED_REVENUE).group_by(LedgerAccount.id)
    ).one()
    return TieOut(account_id, count, int(billed_minor), int(recognised_minor), int(ledger_minor))


def nights() -> list[PrepaidRecognition]:
    """The newest nights in which revenue was earned."""
    newest_first = select(PrepaidRecognition).order_by(PrepaidRecognition.through_on.desc())
    return list(db.session.scalars(newest_first.limit(_NIGHTS)))


def recognised_through() -> date | None:
    """The day up to the beginning of which prepaid time has become revenue; None before the first night."""
    return db.session.scalar(select(func.max(PrepaidRecognition.through_on)))


def _owed() -> tuple[ColumnElement[bool], ...]:
    # Worded as the partial index is, so that it serves.
    return PrepaidLoad.recognised_minor < PrepaidLoad.net_minor, PrepaidLoad.cancelled_at.is_(None)
