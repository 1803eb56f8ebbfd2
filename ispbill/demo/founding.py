"""Opening a demo company: registered by the operator's verb, furnished by the system, staffed by invitation.

Every step is safe to repeat: what is there already stays.
"""
from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from ispbill.accounts.models import Role
from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.queries import permissions_of
from ispbill.accounts.users import queries as staff
from ispbill.accounts.users import service as users
from ispbill.areas import queries as area_queries
from ispbill.areas import service as areas
from ispbill.billing.collections.routes import service as routes
from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import Plan, TaxRate
from ispbill.catalogue.policy import PlanFacts
from ispbill.catalogue.taxes import service as taxes
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms, Identity, Wording
from ispbill.core.current import Actor, TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.demo import plant
from ispbill.demo.scripts import CompanyScript, PlanScript, StaffScript
from ispbill.platform import service as platform
from ispbill.tenancy.provisioning import NewTenant

OWNER = "Owner"
_DUE_DAYS = 15
# A price rises two months after the first day: who subscribed before keeps the old one.
_RISE_AFTER = timedelta(days=62)


def open_company(script: CompanyScript, *, password: str) -> TenantRef:
    """Register the company with its owner. Raises Conflict where another company has the address."""
    owner = next(person for person in script.staff if person.role == OWNER)
    return platform.open_company(
        NewTenant(name=script.name, subdomain=script.subdomain, owner_email=owner.email,
                  timezone=script.timezone, currency=script.currency),
        password=password,
    ).tenant


def furnish(script: CompanyScript, *, first_on: date, password: str, with_catalogue: bool) -> None:
    """Give the bound company its identity, areas, plans, plant and staff."""
    with unit_of_work():
        _introduce(script)
        areas.import_list(_area_list(script))
        if with_catalogue:
            _stock(script, first_on)
            plant.build(script)
    for person in script.staff:
        with unit_of_work():
            _hire(person, password)
    with unit_of_work():
        _send_collectors(script)


def cast(script: CompanyScript) -> dict[str, Actor]:
    """The staff by role, as they act when they are signed in."""
    with unit_of_work():
        return {person.role: _actor(person) for person in script.staff}


def _introduce(script: CompanyScript) -> None:
    company.change_identity(Identity(**script.identity))
    company.change_terms(BillingTerms(due_days=_DUE_DAYS, auto_issue=True, invoice_note=script.invoice_note))
    company.change_wording(Wording(script.accent_colour, *script.area_levels))


def _area_list(script: CompanyScript) -> bytes:
    return "\n".join(["region,city,barangay", *(",".join(area.path) for area in script.areas)]).encode()


def _stock(script: CompanyScript, first_on: date) -> None:
    known = set(db.session.scalars(select(Plan.code)))
    tax_ids = {name: key for key, name in db.session.execute(select(TaxRate.id, TaxRate.name))}
    for tax in script.taxes:
        if tax.name not in tax_ids:
            tax_ids[tax.name] = taxes.add(tax.name, rate_percent=tax.rate_percent, mode=tax.mode).id
    for plan in script.plans:
        if plan.code not in known:
            _offer(plan, tax_ids, first_on)


def _offer(script: PlanScript, tax_ids: dict[str, int], first_on: date) -> None:
    facts = PlanFacts(
        code=script.code, name=script.name, kind=script.kind, download_mbps=script.download_mbps,
        upload_mbps=script.upload_mbps, tax_rate_id=tax_ids[script.tax] if script.tax else None,
        description=script.description,
    )
    plan = catalogue.add(facts, amount_minor=script.price_minor, valid_from=first_on.replace(year=first_on.year - 2))
    if script.later_price_minor is not None:
        catalogue.set_price(plan, amount_minor=script.later_price_minor, valid_from=first_on + _RISE_AFTER)


def _hire(person: StaffScript, password: str) -> None:
    """Invite somebody, who sets their password by the link."""
    known = staff.user_with_email(person.email)
    if known is None:
        role_ids = db.session.scalars(select(Role.id).where(Role.name == person.role)).all()
        invited = users.invite(person.email, full_name=person.name, role_ids=role_ids)
        passwords.set_by_link(invited.url.rpartition("/")[2], password=password)
    elif known.full_name != person.name:
        known.full_name = person.name


def _send_collectors(script: CompanyScript) -> None:
    """Each collector goes through the half of the areas that comes first."""
    half = [key for key, _path in area_queries.choices()][:len(script.areas) // 2]
    for person in script.staff:
        user = staff.user_with_email(person.email) if person.role == "Collector" else None
        if user is not None:
            routes.assign(user, area_ids=half)


def _actor(person: StaffScript) -> Actor:
    user = staff.user_with_email(person.email)
    assert user is not None, "the staff is hired before it acts"
    return Actor(kind="user", name=user.full_name, user_id=user.id, is_owner=user.is_owner,
                 permissions=permissions_of(user.id))
