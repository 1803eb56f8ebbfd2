"""Verbs of installations: scheduled → active → terminated. One that serves a running subscription stays.

A visit that came to nothing fails with its reason and is planned anew; what is not made after all is cancelled.
"""
from __future__ import annotations

from dataclasses import asdict
from datetime import date

from ispbill.accounts.models import User
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import word
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.service import CustomerTerminated
from ispbill.notifications import service as messages
from ispbill.subscriptions.connections import service as connections
from ispbill.subscriptions.installations import queries
from ispbill.subscriptions.installations.policy import InstallationFacts, check_done, checked, checked_reason
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
    """Plan it otherwise: another day, address or technician; a failed one that gets another day is planned anew.

    Raises Invalid, or Conflict once it is cancelled or terminated.
    """
    _locked_status(installation)
    if installation.is_gone:
        raise Conflict(_("The installation is gone; nothing about it changes any more."))
    known, is_passed_on = checked(facts), facts.technician_id != installation.technician_id
    technician = _checked_technician(known.technician_id) if is_passed_on else None
    if installation.status == InstallationStatus.FAILED and known.scheduled_on != installation.scheduled_on:
        installation.status = InstallationStatus.SCHEDULED
    for name, value in asdict(known).items():
        setattr(installation, name, value)
    if is_passed_on:
        _give(installation, technician)
    db.session.flush()
    return installation


def complete(installation: Installation, *, on: date) -> Installation:
    """The line works since a day (today or earlier).

    Raises Conflict unless it is still to be made, Invalid for the future.
    """
    _check_to_be_made(installation)
    check_done(on, today=current.today())
    installation.status, installation.installed_on, installation.status_reason = InstallationStatus.ACTIVE, on, ""
    db.session.flush()
    return installation


def fail(installation: Installation, *, reason: str) -> Installation:
    """Somebody went there and could not make the line. Raises Conflict unless it is to be made, Invalid."""
    _check_to_be_made(installation)
    installation.status, installation.status_reason = InstallationStatus.FAILED, checked_reason(reason)
    db.session.flush()
    return installation


def cancel(installation: Installation, *, reason: str) -> Installation:
    """The line is not made after all; its port is free again.

    Raises Conflict unless it is still to be made or while a subscription runs on it, Invalid.
    """
    _check_to_be_made(installation)
    known = checked_reason(reason)
    _check_unused(installation)
    connections.release(installation.id)
    installation.status, installation.status_reason = InstallationStatus.CANCELLED, known
    db.session.flush()
    return installation


def terminate(installation: Installation, *, on: date) -> Installation:
    """Take the line down; its port is free again.

    Raises Conflict while a subscription runs on it, Invalid for the future.
    """
    _locked_status(installation)
    if installation.is_gone:
        raise Conflict(_("The installation is gone already."))
    check_done(on, today=current.today())
    if installation.installed_on and on < installation.installed_on:
        raise Invalid(_("It was installed on %(installed_on)s.", installed_on=installation.installed_on), field="on")
    _check_unused(installation)
    connections.release(installation.id)
    installation.status, installation.terminated_on = InstallationStatus.TERMINATED, on
    db.session.flush()
    return installation


def follow_termination(event: CustomerTerminated) -> None:
    """Take down the lines of a customer who leaves."""
    for installation in queries.standing(event.customer_id):
        if installation.is_to_be_made:
            cancel(installation, reason="The customer left")
            continue
        terminate(installation, on=max(current.today(), installation.installed_on or current.today()))


def _checked_technician(technician_id: int | None) -> User | None:
    if technician_id is None:
        return None
    if technician_id not in dict(queries.technicians()):
        raise Invalid(_("Choose somebody of your staff who may complete installations."), field="technician_id")
    return db.session.get(User, technician_id)


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


def _check_to_be_made(installation: Installation) -> None:
    _locked_status(installation)
    if not installation.is_to_be_made:
        raise Conflict(_("The installation is %(status)s: nobody has to go there any more.",
                         status=word(installation.status).lower()))


def _check_unused(installation: Installation) -> None:
    if queries.is_in_use(installation.id):
        raise Conflict(_("A subscription still runs on this line. End it first."))


def _locked_status(installation: Installation) -> str:
    db.session.refresh(installation, ["status"], with_for_update=True)
    return installation.status
