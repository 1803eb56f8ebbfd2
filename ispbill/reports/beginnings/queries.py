"""How far a new company has come, in one statement."""
from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import exists, func, or_, select

from ispbill.accounts.models import SecondFactor, User
from ispbill.areas.models import Area
from ispbill.audit.models import AuditEntry
from ispbill.billing.invoices.models import Invoice
from ispbill.catalogue.models import Plan, TaxRate
from ispbill.company.models import CompanyIdentity, CompanySettings
from ispbill.core.db import db
from ispbill.customers.models import Customer
from ispbill.notifications import service as messages
from ispbill.subscriptions.models import Subscription


def done(user_id: int | None) -> Mapping[str, bool]:
    """Which of the first steps are done, by key; `user_id` is whoever protects their own account."""
    named = or_(CompanyIdentity.address != "", CompanyIdentity.tax_identifier != "")
    another = select(func.count() > 1).select_from(select(User.id).limit(2).subquery()).scalar_subquery()
    numbered = exists().where(AuditEntry.entity == "number_series", AuditEntry.action == "changed")
    facts = {
        "company": exists().where(named), "logo": exists().where(CompanySettings.logo_file_id.is_not(None)),
        "taxes": exists(select(TaxRate.id)), "numbers": or_(numbered, exists(select(Invoice.id))),
        "areas": exists(select(Area.id)), "plans": exists(select(Plan.id)), "customers": exists(select(Customer.id)),
        "subscriptions": exists(select(Subscription.id)), "colleagues": another,
        "second_factor": exists().where(SecondFactor.user_id == user_id), "invoices": exists(select(Invoice.id)),
    }
    row = db.session.execute(select(*(fact.label(key) for key, fact in facts.items()))).one()
    return {**row._mapping, "mail": messages.has_mail_server()}


def are_hidden() -> bool:
    """Whether somebody has put the first steps away."""
    return bool(db.session.scalar(select(exists().where(CompanySettings.first_steps_hidden_at.is_not(None)))))
