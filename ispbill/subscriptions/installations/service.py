"""Verbs of installations: scheduled → active → terminated. One that serves a running subscription stays."""
from __future__ import annotations

from dataclasses import asdict
from datetime import date

from ispbill.accounts.models import User, UserStatus
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.service import CustomerTerminated
from ispbill.notifications import service as messages
from ispbill.subscriptions.connections import service as connections
from ispbill.subscriptions.installations import queries
from ispbill.subscriptions.installations.policy import InstallationFacts, check_done, checked
from ispbill.subscriptions.models import Installation, InstallationStatus


def schedule(customer: Customer, *, facts: InstallationFacts) -> Installation:
    """Plan a line for a customer. Raises Invalid, or Conflict for a customer who has left."""
    if customer.status == CustomerStatus.TERMINATED:
        raise Conflict(_("%(name)s has left. Reinstate the customer first.", name=customer.name))
    known = checked(facts)
    technician = _checked_technician(known.technician_id)
    installation = Installation(
        **asdict(known), customer_id=customer.id, status=InstallationStatus.SCHEDULED,
        created_at=current.now(),
    )
    db.session.add(installation)
    db.session.flush()
    _give(installation, technician)
    return installation


def change(installation: Installation, *, facts: InstallationFacts) -> Installation:
    """Plan it otherwise: another day, address or technician.

    Raises Invalid, or Conflict once it is terminated.
    """
    if _locked_status(installation) == InstallationStatus.TERMINATED:
        raise Conflict(_("The installation is terminated; nothing about it changes any more."))
    known, is_passed_on = checked(facts), facts.technician_id != installation.technician_id
    technician = _checked_technician(known.technician_id) if is_passed_on else None
    for name, value in asdict(known).items():
        setattr(installation, name, value)
    if is_passed_on:
        _give(installation, technician)
    db.session.flush()
    return installation


def complete(installation: Installation, *, on: date) -> Installation:
    """The line works since a day (today or earlier).

    Raises Conflict unless it was scheduled, Invalid for the future.
    """
    if _locked_status(installation) != InstallationStatus.SCHEDULED:
        raise Conflict(_("The installation is %(status)s; only a scheduled one can be completed.",
                         status=installation.status))
    check_done(on, today=current.today())
    installation.status, installation.installed_on = InstallationStatus.ACTIVE, on
    db.session.flush()
    return installation


def terminate(installation: Installation, *, on: date) -> Installation:
    """Take the line down, or drop the plan for it; its port is free again.

    Raises Conflict while a subscription runs on it, Invalid for the future.
    """
    if _locked_status(installation) == InstallationStatus.TERMINATED:
        raise Conflict(_("The installation is terminated already."))
    check_done(on, today=current.today())
    if installation.installed_on and on < installation.installed_on:
        raise Invalid(_("It was installed on %(installed_on)s.", installed_on=installation.installed_on), field="on")
    if queries.is_in_use(installation.id):
        raise Conflict(_("A subscription still runs on this line. End it first."))
    connections.release(installation.id)
    installation.status, installation.terminated_on = InstallationStatus.TERMINATED, on
    db.session.flush()
    return installation


def follow_termination(event: CustomerTerminated) -> None:
    """Take down the lines of a customer who leaves."""
    for installation in queries.standing(event.customer_id):
        terminate(installation, on=max(current.today(), installation.installed_on or current.today()))


def _checked_technician(technician_id: int | None) -> User | None:
    if technician_id is None:
        return None
    technician = db.session.get(User, technician_id)
    if technician is None or technician.status != UserStatus.ACTIVE:
        raise Invalid(_("Choose a technician of your staff."), field="technician_id")
    return technician


def _give(installation: Installation, technician: User | None) -> None:
    """Note when the technician was chosen, unless they chose themselves, and tell them."""
    if technician is None or technician.id == current.actor.user_id:
        installation.given_at = None
        return
    installation.given_at = current.now()
    customer = db.session.get_one(Customer, installation.customer_id)
    messages.queue(
        template="installation_given", recipient=technician.email, name=technician.full_name,
        unique_key=f"installation-given:{installation.id}:{technician.id}:{installation.given_at.isoformat()}",
        giver=current.actor.name, customer=customer.name, address=installation.address,
        day=formats.short_date(installation.scheduled_on),
    )


def _locked_status(installation: Installation) -> str:
    db.session.refresh(installation, ["status"], with_for_update=True)
    return installation.status
