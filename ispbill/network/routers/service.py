"""Verbs of routers: take into the inventory, put at a line, take back, mark. Each holds the router's row meanwhile."""
from __future__ import annotations

from dataclasses import asdict
from datetime import date

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.network.routers import queries
from ispbill.network.routers.models import Router, RouterAssignment, RouterStatus
from ispbill.network.routers.policy import (
    AFTER_RETURN,
    BY_HAND,
    LONGEST_REASON,
    RouterFacts,
    check_assignable,
    check_mark,
    check_span,
    checked,
)
from ispbill.subscriptions.models import Installation


def add(facts: RouterFacts, *, status: str = RouterStatus.IN_STOCK) -> Router:
    """Take a router into the inventory. Raises Invalid; the database refuses a serial number or MAC that is there."""
    if status not in BY_HAND:
        raise Invalid(_("A router begins in stock; it is assigned from the line it is put at."), field="status")
    router = Router(
        **asdict(checked(facts)), status=status, status_since=current.today(), status_reason="",
        created_at=current.now(),
    )
    db.session.add(router)
    db.session.flush()
    return router


def change(router: Router, *, facts: RouterFacts) -> Router:
    """Correct what is known of a router. Raises Invalid."""
    for name, value in asdict(checked(facts)).items():
        setattr(router, name, value)
    db.session.flush()
    return router


def mark(router: Router, *, status: str, reason: str = "") -> Router:
    """Say that a router is in stock, faulty, returned or retired.

    Raises Conflict while it stands at a customer's, or where it is so already.
    """
    check_mark(_locked_status(router), status)
    _set_status(router, status, reason)
    return router


def remove(router: Router) -> Router:
    """Take a router out of the books that never stood anywhere. Raises Conflict where it did."""
    _locked_status(router)
    if queries.history(router.id):
        raise Conflict(_("This router has a history. Mark it as retired instead: what was where must stay known."))
    db.session.delete(router)
    db.session.flush()
    return router


def assign(router: Router | None, *, installation: Installation, on: date) -> RouterAssignment:
    """Put a router at a line, from a day on (today or earlier).

    Raises Invalid for no router or a bad day, Conflict where the router is not to be had or the line is taken down.
    """
    if router is None:
        raise Invalid(_("No router has this serial number or MAC address. Add it first."), field="router")
    if installation.is_gone:
        raise Conflict(_("The line is taken down; nothing is put there any more."))
    check_assignable(_locked_status(router))
    check_span(on, today=current.today())
    assignment = RouterAssignment(
        router_id=router.id, installation_id=installation.id, assigned_on=on, assigned_by=current.actor.name,
        created_at=current.now(),
    )
    db.session.add(assignment)
    _set_status(router, RouterStatus.ASSIGNED, "")
    return assignment


def take_back(router: Router, *, on: date, condition: str, note: str = "") -> RouterAssignment:
    """Take a router back from the line where it stands; `condition` is the status it has then.

    Raises Conflict where it stands nowhere, Invalid for a bad day or condition.
    """
    if condition not in AFTER_RETURN:
        raise Invalid(_("Say in which condition it came back."), field="condition")
    _locked_status(router)
    assignment = queries.live_assignment(router.id)
    if assignment is None:
        raise Conflict(_("The router stands at no line."))
    check_span(assignment.assigned_on, on, today=current.today())
    _set_status(router, condition, note)
    assignment.returned_on, assignment.returned_by = on, current.actor.name
    assignment.return_note = router.status_reason
    db.session.flush()
    return assignment


def _set_status(router: Router, status: str, reason: str) -> None:
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("This has at most %(longest_reason)s characters.", longest_reason=LONGEST_REASON),
                      field="reason")
    router.status, router.status_since, router.status_reason = status, current.today(), reason.strip()
    db.session.flush()


def _locked_status(router: Router) -> str:
    """The status as it is now; two people moving the same router go one after the other."""
    db.session.refresh(router, ["status"], with_for_update=True)
    return router.status
