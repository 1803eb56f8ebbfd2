"""Customers as a kind of import, with what they subscribe to where a line says so.

They are known by account number or external reference. A file corrects what is known of a customer; status and
subscriptions of one who is there are changed by verbs of their own.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from ispbill.areas import queries as areas
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.tables import Row, RowError, Table
from ispbill.customers import service as verbs
from ispbill.customers.custom_fields import queries as custom_fields
from ispbill.customers.custom_fields.policy import FILE_PREFIX
from ispbill.customers.imports.queries import BY_NUMBER, BY_REFERENCE, Known, known_by, refuse_of_another
from ispbill.customers.models import Customer
from ispbill.customers.policy import CustomerFacts
from ispbill.imports.kinds import Kind, Terms
from ispbill.imports.models import ImportBatch
from ispbill.imports.policy import DAY, NUMBER, Column, Effect, Loaded, Step, Total, differing, given_in
from ispbill.subscriptions.imports import queries
from ispbill.subscriptions.imports import service as writing
from ispbill.subscriptions.imports.policy import Contents, Entry, first_of_next_month, keys_of, read
from ispbill.subscriptions.imports.queries import Matched
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionPause

_COLUMNS = (
    Column("name", lazy("As documents name them"), is_required=True, example="Maria Santos",
           also=("customer name", "full name", "customer", "subscriber")),
    Column("account_number", lazy("What they quote; the next of the series where empty"), example="AC-000123",
           also=("account", "account no", "customer number")),
    Column("external_reference", lazy("Their number in the former system"), example="1042",
           also=("reference", "customer id", "old id")),
    Column("kind", lazy("person or company"), example="person", also=("customer type",)),
    Column("email", lazy("One address"), example="maria@example.com", also=("e-mail", "email address")),
    Column("phone", "", example="0917 123 4567", also=("mobile", "telephone", "contact number", "contact no")),
    Column("tax_identifier", lazy("Printed on invoices"), also=("tin", "vat number", "tax id")),
    Column("area", lazy("Path of an area that exists"), example="Cavite > Bacoor > Molino III", also=("barangay",)),
    Column("street", "", example="12 Mabini St", also=("address", "street address")),
    Column("landmark", "", example="Beside the chapel"),
    Column("latitude", lazy("Degrees, both or neither"), example="14.4067", also=("lat",), holds=NUMBER),
    Column("longitude", "", example="120.9733", also=("lon", "lng", "long"), holds=NUMBER),
    Column("location_accuracy", lazy("exact, approximate or address"), example="exact", also=("accuracy",)),
    Column("status", lazy("lead, active, suspended or terminated"), example="active"),
    Column("e_billing_since", lazy("The day they agreed to bills by e-mail"), example="2026-01-01", holds=DAY),
    Column("notes", lazy("For staff"), also=("remarks", "comment")),
    Column("plan_code", lazy("Then they are subscribed to it"), example="FIBER-50", also=("plan", "package")),
    Column("monthly_price", lazy("Where it is not the plan's own"), example="1399.00", also=("monthly fee", "rate"),
           holds=NUMBER),
    Column("start_on", lazy("First day that is billed; else the day of the file"), example="2026-04-01",
           also=("start date",), holds=DAY),
    Column("anchor_day", lazy("Billing day, 1 to 31"), example="1", also=("billing day", "due day")),
)
_SUBSCRIBING = frozenset({"plan_code", "monthly_price", "start_on", "anchor_day"})
_HOLDS = {"date": DAY, "number": NUMBER}
_KEPT = ("area_id", "custom_values")


def columns() -> Sequence[Column]:
    """The columns, with the company's own fields; what subscribes somebody only for who may do so."""
    offered = [column for column in _COLUMNS
               if column.name not in _SUBSCRIBING or current.actor.may("create_subscription")]
    own = [Column(f"{FILE_PREFIX}{field.key}", field.label, also=(field.label,), holds=_HOLDS.get(field.kind, ""))
           for field in custom_fields.in_use()]
    return (*offered, *own)


def load(table: Table, terms: Terms) -> Loaded:
    """Each line as a new customer, or as what it corrects of one who is there."""
    contents = read(table, "ispbill", writing.reading(terms.day), tell=lambda done: None)
    known = _known(contents.entries)
    there = [(entry, customer) for entry in contents.entries if (customer := _of(entry, known)) is not None]
    fresh = [entry for entry in contents.entries if _of(entry, known) is None]
    is_known_file = terms.batch_id is not None and queries.came_before(terms.batch_id)
    matched = queries.match(Contents(entries=fresh), is_known_file=is_known_file)
    area_ids = areas.ids_by_path() if any(entry.area for entry, _ in there) else {}
    updates = [_update(entry, customer, area_ids) for entry, customer in there]
    for entry, customer in there:
        refuse_of_another(entry.row, entry.facts.external_reference or "", known=known,
                          number=entry.account_number or customer.account_number)
    new = {entry.row.line: Step(entry.row.line, entry) for entry in matched.entries}
    # A line that names nobody, of a file that came before, stands for whom it brought in then.
    same = [Step(entry.row.line, entry, known=entry) for entry in fresh if entry.row.line not in new]
    steps = sorted([*new.values(), *updates, *same], key=lambda step: step.line)
    return Loaded(steps, _errors(contents, matched, [entry.row for entry, _ in there]), _totals(table, matched),
                  keys_of(contents.entries))


def write(steps: Sequence[Step], terms: Terms) -> list[Effect]:
    """Take new customers into the books, correct known ones."""
    batch = db.session.get_one(ImportBatch, terms.batch_id)
    fresh = [step.facts for step in steps if step.known is None]
    made = writing.write(Matched(entries=fresh, plans=(), unchanged=0, errors=()), batch) if fresh else []
    return [*made, *(_correct(step) for step in steps if step.known is not None)]


def _known(entries: Sequence[Entry]) -> Known:
    return known_by(
        [entry.account_number for entry in entries], [entry.facts.external_reference or "" for entry in entries]
    )


def _of(entry: Entry, known: Known) -> Customer | None:
    return known.get((BY_NUMBER, entry.account_number)) or known.get(
        (BY_REFERENCE, entry.facts.external_reference or ""))


def _update(entry: Entry, customer: Customer, area_ids: Mapping[tuple[str, ...], int]) -> Step:
    here = queries.placed(entry, area_ids)
    if customer.merged_into_id is not None:
        entry.row.refuse("account_number", _("This customer was merged into another one."), _("Use that one's number."))
    given = given_in(entry.row)
    values = {field.name: getattr(here.facts, field.name) for field in fields(CustomerFacts)
              if field.name not in _KEPT and field.name != "account_number"}
    changes = differing(customer, values, given=given)
    if "area" in given and customer.area_id != here.facts.area_id:
        changes["area_id"] = here.facts.area_id
    own = {**customer.custom_values, **here.facts.custom_values}
    if own != customer.custom_values:
        changes["custom_values"] = own
    return Step(entry.row.line, here, customer, changes)


def _correct(step: Step) -> Effect:
    customer, changes = step.known, step.changes
    before = {name: getattr(customer, name) for name in changes}
    now: dict[str, Any] = {field.name: getattr(customer, field.name) for field in fields(CustomerFacts)}
    verbs.change(customer, facts=replace(CustomerFacts(**now), **changes))
    return Effect(step.line, Customer.__tablename__, customer.id, before, changes)


def _errors(contents: Contents, matched: Matched, rows: Sequence[Row]) -> list[RowError]:
    late = [error for row in rows for error in row.errors]
    return list(dict.fromkeys([*contents.errors, *matched.errors, *late]))


def _totals(table: Table, matched: Matched) -> list[Total]:
    sales = [entry.sale for entry in matched.entries if entry.sale]
    return [
        Total(_("Customers in the file"), len(table.rows)), Total(_("Subscriptions to begin"), len(sales)),
        Total(_("What they bring each month"), sum(sale.price_minor or 0 for sale in sales), is_money=True),
    ]


KIND = Kind(
    code="customers", label=lazy("Customers"), permission="create_customer",
    undo_permission="remove_customer", columns=columns, load=load, write=write,
    models=(Customer, Subscription, SubscriptionComponent, SubscriptionPause),
    key="account_number or external_reference", day=lazy("Bill subscriptions from"), default_day=first_of_next_month,
)
