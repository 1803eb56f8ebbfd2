"""Routers as a kind of import, known by their serial number. Where a router stands is not changed by a file."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace

from ispbill.core.bulk import copy_rows, take_keys
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.tables import RowError, Table
from ispbill.imports.kinds import Kind, Terms
from ispbill.imports.policy import Column, Effect, Loaded, Step, Total, differing, given_in
from ispbill.network.routers import queries
from ispbill.network.routers import service as routers
from ispbill.network.routers.models import Router
from ispbill.network.routers.policy import Listed, RouterFacts, read_list

COLUMNS = (
    Column("brand", lazy("Who makes it"), is_required=True, example="Huawei", also=("maker", "manufacturer", "vendor")),
    Column("model", lazy("As its label says"), is_required=True, example="HG8145V5", also=("type",)),
    Column("serial_number", lazy("It is known by this"), is_required=True, example="48575443A1B2C3D4",
           also=("serial", "s/n", "sn")),
    Column("mac_address", lazy("In any notation"), example="AA:BB:CC:DD:EE:0F", also=("mac",)),
    Column("status", lazy("in_stock, returned, faulty or retired"), example="in_stock"),
    Column("notes", lazy("For staff"), example="", also=("remarks", "comment")),
)
_COLUMNS = ("id", "brand", "model", "serial_number", "mac_address", "status", "status_since", "notes", "created_at")


def load(table: Table, terms: Terms) -> Loaded:
    """Each line as a router, with what of it differs from the router of its serial number."""
    listed, errors = read_list(table)
    serials = [router.facts.serial_number for router in listed]
    addresses = [router.facts.mac_address for router in listed if router.facts.mac_address]
    found = queries.having(serials, addresses)
    by_serial = {router.serial_number: router for router in found}
    owners = {router.mac_address: router for router in found if router.mac_address}
    steps = [_step(router, by_serial, owners) for router in listed if not router.row.errors]
    late = [error for router in listed for error in router.row.errors]
    total = Total(_("Routers in the file"), len(listed))
    return Loaded([step for step in steps if step], _once([*errors, *late]), [total], [
        (router.row.line, column, getattr(router.facts, column) or "")
        for router in listed for column in ("serial_number", "mac_address")
    ])


def write(steps: Sequence[Step], terms: Terms) -> list[Effect]:
    """Take new routers into the inventory, correct known ones."""
    fresh = [step for step in steps if step.known is None]
    keys, today, now = take_keys(Router, len(fresh)), current.today(), current.now()
    copy_rows(Router, _COLUMNS, (
        (key, step.facts.facts.brand, step.facts.facts.model, step.facts.facts.serial_number,
         step.facts.facts.mac_address, step.facts.status, today, step.facts.facts.notes, now)
        for key, step in zip(keys, fresh, strict=True)
    ))
    made = [Effect(step.line, Router.__tablename__, key) for key, step in zip(keys, fresh, strict=True)]
    return [*made, *(_change(step) for step in steps if step.known is not None)]


def _step(router: Listed, by_serial: Mapping[str, Router], owners: Mapping[str, Router]) -> Step | None:
    facts, known = router.facts, by_serial.get(router.facts.serial_number)
    owner = owners.get(facts.mac_address) if facts.mac_address else None
    if owner is not None and owner is not known:
        problem = _("Router %(serial_number)s has this address.", serial_number=owner.serial_number)
        router.row.refuse("mac_address", problem, _("Compare the labels."))
        return None
    changes = differing(known, asdict(facts), given=given_in(router.row)) if known else {}
    return Step(router.row.line, router, known, changes)


def _change(step: Step) -> Effect:
    router, changes = step.known, step.changes
    before = {name: getattr(router, name) for name in changes}
    now = RouterFacts(**{field.name: getattr(router, field.name) for field in fields(RouterFacts)})
    routers.change(router, facts=replace(now, **changes))
    return Effect(step.line, Router.__tablename__, router.id, before, changes)


def _once(errors: Sequence[RowError]) -> list[RowError]:
    return list(dict.fromkeys(errors))


KIND = Kind(
    code="routers", label=lazy("Routers"), permission="add_router",
    undo_permission="delete_router", columns=lambda: COLUMNS, load=load, write=write,
    models=(Router,), key="serial_number",
)
