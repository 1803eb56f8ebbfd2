"""Verbs of imports. The whole file is checked first; with one error nothing is written, and nothing twice."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import Any, BinaryIO

from ispbill.audit import service as audit
from ispbill.catalogue import service as catalogue
from ispbill.catalogue.policy import PlanFacts
from ispbill.core.bulk import copy_rows, take_keys
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.formats import country_of
from ispbill.core.i18n import gettext as _
from ispbill.core.periods import first_anchor
from ispbill.core.tables import RowError, read_table
from ispbill.customers.custom_fields import queries as custom_fields
from ispbill.customers.models import Customer
from ispbill.customers.service import take_account_numbers
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.imports import service as imports
from ispbill.imports.models import ImportBatch, ImportStatus
from ispbill.imports.policy import Effect, repeated
from ispbill.subscriptions.imports import queries
from ispbill.subscriptions.imports.policy import (
    FORMATS,
    DerivedPlan,
    Entry,
    Reading,
    Sale,
    first_of_next_month,
    keys_of,
    read,
    sniff,
)
from ispbill.subscriptions.imports.queries import Matched
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionPause, SubscriptionStatus

Progress = Callable[[int, int], None]
Source = Path | str | BinaryIO | bytes
_CUSTOMER_COLUMNS = (
    "id", "account_number", "kind", "name", "email", "phone", "tax_identifier", "status", "status_since",
    "area_id", "street", "landmark", "latitude", "longitude", "location_accuracy", "notes", "e_billing_since",
    "custom_values", "external_reference", "import_batch_id", "created_at",
)
_SUBSCRIPTION_COLUMNS = (
    "id", "customer_id", "status", "start_on", "suspended_on", "anchor_day", "external_reference", "created_at",
)
_COMPONENT_COLUMNS = (
    "id", "subscription_id", "plan_id", "quantity", "unit_price_minor", "start_on", "anchor_day", "aligned_on",
    "billed_until", "due_on",
)
_PAUSE_COLUMNS = ("id", "subscription_id", "start_on", "billing", "reason", "follows_customer", "created_by",
                  "created_at")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of a file, or would: with errors, and on a dry run, nothing was written."""

    file_format: str
    start_on: date
    rows: int
    created: int = 0
    unchanged: int = 0
    plans: int = 0
    subscriptions: int = 0
    monthly_total_minor: int = 0
    errors: Sequence[RowError] = ()


def run(
    source: Source, *, file_name: str, format: str | None = None, start_on: date | None = None,
    dry_run: bool = False, progress: Progress | None = None,
) -> ImportReport:
    """Bring a file in: customers that are not there yet, and what they subscribe to, billed from `start_on`.

    The format is recognised where not given; `start_on` is the first of next month where not given.
    `progress` hears
    how many steps of how many are done. Raises Invalid for a file too large, or an unknown format.
    """
    content = _content(source)
    table = read_table(content)
    chosen = _format(format) or sniff(table)
    begin = start_on or first_of_next_month(current.today())
    tell, rows = progress or _silent, len(table.rows)
    contents = read(table, chosen, reading(begin), tell=lambda done: tell(done, 2 * rows))
    contents.errors += repeated(keys_of(contents.entries))
    digest = hashlib.sha256(content).hexdigest()
    matched = queries.match(contents, is_known_file=queries.is_imported(digest))
    report = _report(matched, file_format=chosen, start_on=begin, rows=rows)
    if not (dry_run or report.errors or report.created == 0):
        batch = _batch(report, file_name=file_name, digest=digest)
        imports.note_effects(batch, write(matched, batch))
        tell(2 * rows, 2 * rows)
    return report


def _silent(done: int, total: int) -> None:
    """The listener of a file that nobody watches."""


def _content(source: Source) -> bytes:
    match source:
        case bytes():
            content = source
        case Path() | str():
            content = Path(source).read_bytes()
        case _:
            content = source.read(imports.MOST_BYTES + 1)
    _check_size(content)
    return content


def _check_size(content: bytes) -> None:
    if len(content) > imports.MOST_BYTES:
        raise Invalid(_("The file is larger than %(most_bytes)s MB. Split it.",
                        most_bytes=imports.MOST_BYTES // 1024 // 1024), field="file")


def _format(wanted: str | None) -> str | None:
    if wanted is not None and wanted not in FORMATS:
        raise Invalid(_("“%(wanted)s” is not a format: %(formats)s.", wanted=wanted, formats=" or ".join(FORMATS)),
                      field="format")
    return wanted


def reading(start_on: date) -> Reading:
    """How files of this company are read."""
    tenant = current.tenant
    # What is required of a person at the desk may be missing from another system.
    fields = tuple(replace(definition, is_required=False) for definition in custom_fields.in_use())
    return Reading(currency=tenant.currency, country=country_of(tenant.timezone), start_on=start_on, fields=fields)


def _report(matched: Matched, *, file_format: str, start_on: date, rows: int) -> ImportReport:
    if matched.errors:
        return ImportReport(file_format=file_format, start_on=start_on, rows=rows, errors=matched.errors)
    sales = [entry.sale for entry in matched.entries if entry.sale]
    return ImportReport(
        file_format=file_format, start_on=start_on, rows=rows, created=len(matched.entries),
        unchanged=matched.unchanged, plans=len(matched.plans), subscriptions=len(sales),
        monthly_total_minor=sum(sale.price_minor or 0 for sale in sales),
    )


def _batch(report: ImportReport, *, file_name: str, digest: str) -> ImportBatch:
    batch = ImportBatch(
        file_name=file_name, file_digest=digest, file_format=report.file_format, start_on=report.start_on,
        status=ImportStatus.IMPORTED, row_count=report.rows, created_count=report.created,
        unchanged_count=report.unchanged, imported_by=current.actor.name, created_at=current.now(),
        finished_at=current.now(),
    )
    db.session.add(batch)
    db.session.flush()
    audit.note("import", entity="import", entity_id=batch.id, label=file_name, after={
        "format": report.file_format, "rows": report.rows, "customers": report.created,
        "unchanged": report.unchanged, "plans": report.plans, "subscriptions": report.subscriptions,
        "monthly_total_minor": report.monthly_total_minor, "start_on": report.start_on, "file_digest": digest,
    })
    return batch


def write(matched: Matched, batch: ImportBatch) -> list[Effect]:
    """Write what is new to the books under a batch, many rows at once; gives what it touched, line by line."""
    for plan in matched.plans:
        _offer(plan, batch)
    keys = take_keys(Customer, len(matched.entries))
    numbers = iter(_account_numbers(matched.entries))
    copy_rows(Customer, _CUSTOMER_COLUMNS, (
        _customer_row(entry, key, entry.account_number or next(numbers), batch)
        for key, entry in zip(keys, matched.entries, strict=True)
    ))
    made = [Effect(entry.row.line, Customer.__tablename__, key)
            for key, entry in zip(keys, matched.entries, strict=True)]
    return [*made, *_sell(matched.entries, keys)]


def _offer(plan: DerivedPlan, batch: ImportBatch) -> None:
    assert batch.start_on is not None, "an import knows from when it bills"
    catalogue.add(
        PlanFacts(code=plan.code, name=plan.name, kind=plan.kind), amount_minor=plan.price_minor,
        valid_from=min(current.today(), batch.start_on),
    )


def _account_numbers(entries: Sequence[Entry]) -> list[str]:
    missing = sum(1 for entry in entries if not entry.account_number)
    return take_account_numbers(missing) if missing else []


def _customer_row(entry: Entry, key: int, account_number: str, batch: ImportBatch) -> Sequence[Any]:
    facts = entry.facts
    return (
        key, account_number, facts.kind, facts.name, facts.email, facts.phone, facts.tax_identifier,
        entry.status, current.today(), facts.area_id, facts.street, facts.landmark, facts.latitude,
        facts.longitude, facts.location_accuracy, facts.notes, facts.e_billing_since,
        json.dumps(facts.custom_values), facts.external_reference, batch.id, batch.created_at,
    )


def _sell(entries: Sequence[Entry], customer_keys: Sequence[int]) -> list[Effect]:
    sold = [(key, entry) for key, entry in zip(customer_keys, entries, strict=True) if entry.sale]
    keys = take_keys(Subscription, len(sold))
    plan_ids = queries.plan_ids(sorted({entry.sale.plan_code for _, entry in sold if entry.sale}))
    copy_rows(Subscription, _SUBSCRIPTION_COLUMNS, (
        _subscription_row(entry, key, customer_key)
        for key, (customer_key, entry) in zip(keys, sold, strict=True)
    ))
    parts = take_keys(SubscriptionComponent, len(sold))
    copy_rows(SubscriptionComponent, _COMPONENT_COLUMNS, (
        (part, *_component_row(entry.sale, key, plan_ids, is_suspended=entry.status == "suspended"))
        for part, key, (_, entry) in zip(parts, keys, sold, strict=True) if entry.sale
    ))
    lines = [entry.row.line for _, entry in sold]
    return [
        *map(Effect, lines, repeat(Subscription.__tablename__), keys),
        *map(Effect, lines, repeat(SubscriptionComponent.__tablename__), parts),
        *_pause([(key, entry) for key, (_, entry) in zip(keys, sold, strict=True) if entry.status == "suspended"]),
    ]


def _pause(sold: Sequence[tuple[int, Entry]]) -> list[Effect]:
    keys = take_keys(SubscriptionPause, len(sold))
    copy_rows(SubscriptionPause, _PAUSE_COLUMNS, (
        (pause, key, current.today(), PauseBilling.SKIP, _("Suspended when imported"), True,
         current.actor.name, current.now())
        for pause, (key, _ignored) in zip(keys, sold, strict=True)
    ))
    return [Effect(entry.row.line, SubscriptionPause.__tablename__, pause)
            for pause, (_, entry) in zip(keys, sold, strict=True)]


def _component_row(sale: Sale, key: int, plan_ids: Mapping[str, int], *, is_suspended: bool) -> Sequence[Any]:
    return (
        key, plan_ids[sale.plan_code], 1, sale.price_minor, sale.start_on, sale.anchor_day,
        first_anchor(sale.start_on, sale.anchor_day), sale.start_on, None if is_suspended else sale.start_on,
    )


def _subscription_row(entry: Entry, key: int, customer_key: int) -> Sequence[Any]:
    assert entry.sale is not None, "only what is sold is subscribed to"
    sale, is_suspended = entry.sale, entry.status == "suspended"
    return (
        key, customer_key, SubscriptionStatus.SUSPENDED if is_suspended else SubscriptionStatus.ACTIVE,
        sale.start_on, current.today() if is_suspended else None, sale.anchor_day,
        entry.facts.external_reference, current.now(),
    )
