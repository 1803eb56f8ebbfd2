"""A large company for benchmarks: customers, ten invoices each, payments, books and tickets, all written by COPY.

The rows are those that the product would have written; only triggers and foreign keys are off while they come in.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

MONTHS = 10
NET, TAX = 133_839, 16_061
TOTAL = NET + TAX
ONE_IN_UNPAID, LAST_UNPAID = 40, 2
_NAMES = ("Maria", "Jose", "Ana", "Juan", "Liza", "Mark", "Grace", "Paolo", "Rosa", "Emil", "Nena", "Dodong", "Cora")
_SURNAMES = ("Santos", "Reyes", "Cruz", "Bautista", "Ocampo", "Garcia", "Mendoza", "Torres", "Aquino", "Ramos", "Lim")
_TOWNS, _PLANS = 50, 10
# Of each NAP's ports all but one are used; of a splitter's outputs, and of an LCP's slots, all.
_PORTS, _OUTPUTS, _SLOTS = 8, 8, 8
_BEFORE = """
SET session_replication_role = replica;
INSERT INTO areas (level, name) SELECT 1, 'Town ' || g FROM generate_series(1, 50) g;
INSERT INTO plans (code, name, kind, created_at)
    SELECT 'F' || g, 'Fibre ' || g || '00', 'internet', now() FROM generate_series(1, 10) g;
"""
_COLUMNS = {
    "customers": "id account_number name phone email street status status_since area_id latitude longitude created_at",
    "installations": "id customer_id address status scheduled_on installed_on created_at",
    "lcps": "id code name area_id latitude longitude created_at",
    "splitters": "id lcp_id code output_count",
    "naps": "id splitter_id code area_id latitude longitude created_at",
    "nap_ports": "id nap_id number is_used",
    "port_connections": "id installation_id port_id connected_by connected_at",
    "routers": "id brand model serial_number mac_address status status_since created_at",
    "router_assignments": "id router_id installation_id assigned_on assigned_by created_at",
    "subscriptions": "id customer_id installation_id status start_on anchor_day created_at",
    "subscription_components": "id subscription_id plan_id unit_price_minor start_on anchor_day aligned_on "
                               "billed_until",
    "invoices": "id number customer_id seller_id status issued_on due_on net_minor tax_minor total_minor settled_on "
                "buyer_name buyer_address buyer_tax_identifier created_at",
    "invoice_lines": "id invoice_id position subscription_id component_id description period_start period_end "
                     "quantity unit_price_minor amount_minor net_minor tax_minor",
    "payments": "id number customer_id amount_minor method reference received_on status applied_on recorded_by "
                "recorded_at",
    "payment_allocations": "id payment_id invoice_id amount_minor allocated_at",
    "journal_entries": "id posted_on source source_id memo created_by created_at",
    "journal_postings": "id entry_id account_id customer_id amount_minor",
    "tickets": "id number subject category_id priority source status status_since customer_id opened_by opened_at "
               "resolved_at response_hours resolution_hours response_due_at resolution_due_at",
}


def settle(connection: psycopg.Connection[Any], customers: int, *, today: date) -> dict[str, int]:
    """Fill a new company; how many rows of each table were written."""
    connection.execute(_BEFORE)
    written = {name: _copy(connection, name, rows) for name, rows in _everything(connection, customers, today)}
    for name in written:
        connection.execute(sql.SQL("SELECT setval({}, (SELECT max(id) FROM {}))").format(
            sql.Literal(f"{name}_id_seq"), sql.Identifier(name)))
    for kind, name in (("invoice", "invoices"), ("receipt", "payments")):
        connection.execute("UPDATE number_series SET next_number = %s WHERE kind = %s", (written[name] + 1, kind))
    connection.execute("SET session_replication_role = DEFAULT")
    connection.execute("VACUUM ANALYZE")
    return written


def _everything(
    connection: psycopg.Connection[Any], customers: int, today: date
) -> Iterator[tuple[str, Iterable[Sequence[object]]]]:
    """The rows of each table, in the order in which they are written."""
    rows = connection.execute("SELECT purpose, id FROM ledger_accounts WHERE purpose IS NOT NULL").fetchall()
    accounts = dict(rows)
    (category,) = connection.execute("SELECT min(id) FROM ticket_categories").fetchone() or (None,)
    bills = _Bills(customers, today)
    yield "customers", map(_customer, range(1, customers + 1))
    yield "installations", ((key, key, f"{key} Mabini St.", "active", bills.first, bills.first, _noon(bills.first))
                            for key in range(1, customers + 1))
    yield from _plant(customers, bills.first)
    yield from _routers(customers, bills.first)
    yield "subscriptions", ((key, key, key, "active", bills.first, 1, _noon(bills.first))
                            for key in range(1, customers + 1))
    yield "subscription_components", ((key, key, 1 + key % _PLANS, TOTAL, bills.first, 1, bills.first, bills.end)
                                      for key in range(1, customers + 1))
    yield "invoices", map(bills.invoice, bills.keys())
    yield "invoice_lines", map(bills.line, bills.keys())
    yield "payments", (bills.payment(key, place) for place, key in enumerate(bills.paid(), start=1))
    yield "payment_allocations", ((place, place, key, TOTAL, _noon(bills.due(key)))
                                  for place, key in enumerate(bills.paid(), start=1))
    yield "journal_entries", bills.entries()
    yield "journal_postings", _numbered(bills.postings(accounts))
    yield "tickets", (_ticket(key, customers, category, today) for key in range(1, customers // 2 + 1))


class _Bills:
    """The invoices of ten months: one a month for each customer, all paid on the due day but a few and the last."""

    def __init__(self, customers: int, today: date) -> None:
        self.customers, self.months = customers, [today.replace(day=1)]
        while len(self.months) < MONTHS:
            self.months.insert(0, (self.months[0] - timedelta(days=1)).replace(day=1))
        self.first, self.today = self.months[0], today
        self.end = (self.months[-1] + timedelta(days=32)).replace(day=1)

    def keys(self) -> range:
        return range(1, MONTHS * self.customers + 1)

    def paid(self) -> Iterator[int]:
        return (key for key in self.keys() if self.is_paid(key))

    def is_paid(self, key: int) -> bool:
        is_last = key > (MONTHS - 1) * self.customers
        return key % LAST_UNPAID == 0 if is_last else key % ONE_IN_UNPAID != 0

    def day(self, key: int) -> date:
        return self.months[(key - 1) // self.customers]

    def due(self, key: int) -> date:
        return min(self.day(key) + timedelta(days=10), self.today)

    def owner(self, key: int) -> int:
        return (key - 1) % self.customers + 1

    def invoice(self, key: int) -> Sequence[object]:
        owner, day = self.owner(key), self.day(key)
        return (key, f"INV-{key:06}", owner, 1, "issued", day, day + timedelta(days=10), NET, TAX, TOTAL,
                self.due(key) if self.is_paid(key) else None, _name(owner), f"{owner} Mabini St.", "", _noon(day))

    def line(self, key: int) -> Sequence[object]:
        owner, day = self.owner(key), self.day(key)
        end = (day + timedelta(days=32)).replace(day=1)
        return (key, key, 1, owner, owner, "Fibre", day, end, 1, TOTAL, TOTAL, NET, TAX)

    def payment(self, key: int, place: int) -> Sequence[object]:
        day = self.due(key)
        return (place, f"CR-{place:06}", self.owner(key), TOTAL, "bank", f"REF-{place}", day, "recorded", day, "Bench",
                _noon(day))

    def entries(self) -> Iterator[Sequence[object]]:
        for key in self.keys():
            yield key, self.day(key), "invoice", key, f"Invoice INV-{key:06}", "Bench", _noon(self.day(key))
        for place, key in enumerate(self.paid(), start=1):
            day = self.due(key)
            yield (len(self.keys()) + place, day, "payment", place, f"Payment CR-{place:06}", "Bench", _noon(day))

    def postings(self, accounts: dict[str, int]) -> Iterator[Sequence[object]]:
        for key in self.keys():
            yield key, accounts["receivable"], self.owner(key), TOTAL
            yield key, accounts["revenue"], None, -NET
            yield key, accounts["tax_payable"], None, -TAX
        for place, key in enumerate(self.paid(), start=1):
            yield len(self.keys()) + place, accounts["bank"], None, TOTAL
            yield len(self.keys()) + place, accounts["receivable"], self.owner(key), -TOTAL


def _customer(key: int) -> Sequence[object]:
    status = "suspended" if key % 25 == 0 else "active"
    return (key, f"AC-{key:06}", _name(key), f"+63917{key:07}", f"c{key}@example.com", f"{key} Mabini St.",
            status, date(2025, 1, 1), *_spot(key), datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * key))


def _plant(customers: int, since: date) -> Iterator[tuple[str, Iterable[Sequence[object]]]]:
    """A line on a port for each customer, on as many NAPs, splitters and LCPs as that takes."""
    naps = -(-customers // (_PORTS - 1))
    splitters = -(-naps // _OUTPUTS)
    lcps, at = -(-splitters // _SLOTS), _noon(since)
    ports = [(nap, number) for nap in range(1, naps + 1) for number in range(1, _PORTS + 1)]
    used = [place for place, (_nap, number) in enumerate(ports, start=1) if number < _PORTS][:customers]
    in_use = set(used)
    yield "lcps", ((key, f"LCP-{key:04}", f"Cabinet {key}", *_spot(key * 400), at) for key in range(1, lcps + 1))
    yield "splitters", ((key, 1 + (key - 1) // _SLOTS, f"SP-{key:05}", _OUTPUTS) for key in range(1, splitters + 1))
    yield "naps", ((key, 1 + (key - 1) // _OUTPUTS, f"NAP-{key:05}", *_spot(key * (_PORTS - 1)), at)
                   for key in range(1, naps + 1))
    yield "nap_ports", ((place, *port, place in in_use) for place, port in enumerate(ports, start=1))
    yield "port_connections", ((key, key, place, "Bench", at) for key, place in enumerate(used, start=1))


def _routers(customers: int, since: date) -> Iterator[tuple[str, Iterable[Sequence[object]]]]:
    """A router at each line."""
    keys, at = range(1, customers + 1), _noon(since)
    yield "routers", ((key, "Huawei", f"HG{key % 9}", f"SN-{key:07}",
                       ":".join(f"{0xAC0000000000 + key:012X}"[place:place + 2] for place in range(0, 12, 2)),
                       "assigned", since, at) for key in keys)
    yield "router_assignments", ((key, key, key, since, "Bench", at) for key in keys)


def _spot(key: int) -> tuple[int, str, str]:
    """The area, the latitude and the longitude of what serves a customer."""
    north, east = divmod(key, 316)
    return 1 + key % _TOWNS, f"{14.4 + north / 2000:.6f}", f"{120.9 + east / 2000:.6f}"


def _ticket(key: int, customers: int, category: object, today: date) -> Sequence[object]:
    opened = datetime(today.year, today.month, today.day, 4, tzinfo=UTC) - timedelta(minutes=10 * key)
    is_done = key > 500 and key % 10 != 0
    return (key, f"TKT-2026-{key:06}", f"No connection since {key % 12 + 1} o'clock", category, "normal", "phone",
            "closed" if is_done else "open", opened, 1 + key % customers, "Bench", opened,
            opened + timedelta(hours=5) if is_done else None, 8, 72, opened + timedelta(hours=8),
            opened + timedelta(hours=72))


def _name(key: int) -> str:
    return f"{_NAMES[key % len(_NAMES)]} {_SURNAMES[key // len(_NAMES) % len(_SURNAMES)]} {key}"


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def _numbered(rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    return ((key, *row) for key, row in enumerate(rows, start=1))


def _copy(connection: psycopg.Connection[Any], table: str, rows: Iterable[Sequence[object]]) -> int:
    columns = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS[table].split()))
    statement, written = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns), 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            written += 1
    return written
