"""Verbs of installations: scheduled → active → terminated. One that serves a running subscription stays."""
from __future__ import annotations

from dataclasses import asdict
from datetime import date

from ispbill.accounts.models import User, UserStatus
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.service import CustomerTerminated
from ispbill.subscriptions.connections import service as connections
from ispbill.subscriptions.installations import queries
from ispbill.subscriptions.installations.policy import InstallationFacts, check_done, checked
from ispbill.subscriptions.models import Installation, InstallationStatus


def schedule(customer: Customer, *, facts: InstallationFacts) -> Installation:
    """Plan a line for a customer. Raises Invalid, or Conflict for a customer who has left."""
    if customer.status == CustomerStatus.TERMINATED:
        raise Conflict(_("%(name)s has left. Reinstate the customer first.", name=customer.name))
    known = checked(facts)
    _check_technician(known.technician_id)
    installation = Installation(
        **asdict(known), customer_id=customer.id, status=InstallationStatus.SCHEDULED,
        created_at=current.now(),
    )
    db.session.add(installation)
    db.session.flush()
    return installation


def change(installation: Installation, *, facts: InstallationFacts) -> Installation:
    """Plan it otherwise: another day, address or technician.

    Raises Invalid, or Conflict once it is terminated.
    """
    if _locked_status(installation) == InstallationStatus.TERMINATED:
        raise Conflict(_("The installation is terminated; nothing about it changes any more."))
    known = checked(facts)
    if known.technician_id != installation.technician_id:
        _check_technician(known.technician_id)
    for name, value in asdict(known).items():
        setattr(installation, name, value)
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


def _check_technician(technician_id: int | None) -> None:
    if technician_id is None:
        return
    technician = db.session.get(User, technician_id)
    if technician is None or technician.status != UserStatus.ACTIVE:
        raise Invalid(_("Choose a technician of your staff."), field="technician_id")


def _locked_status(installation: Installation) -> str:
    db.session.refresh(installation, ["status"], with_for_update=True)
    return installation.status
