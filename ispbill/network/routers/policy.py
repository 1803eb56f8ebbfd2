"""Rules of routers: how addresses and serial numbers are written, which status may follow which, what a list says.

Plain values in and out.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from ispbill.core.errors import Conflict, DomainError, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import word
from ispbill.core.tables import Row, RowError, Table

FILE_COLUMNS = ("brand", "model", "serial_number", "mac_address", "status", "notes")
LONGEST = {"brand": 60, "model": 60, "serial_number": 60, "notes": 2000}
LONGEST_REASON = 300
# What a router can be when it is added or marked; `assigned` is reached by assigning alone.
BY_HAND = ("in_stock", "returned", "faulty", "retired")
ASSIGNABLE = ("in_stock", "returned")
AFTER_RETURN = ("returned", "in_stock", "faulty")
_SEPARATORS = re.compile(r"[\s:.-]")
_HEX = re.compile(r"[0-9a-f]+")
_SERIAL = re.compile(r"[0-9A-Z][0-9A-Z ./_:-]*")
_LEAST_HEX_SOUGHT = 4


@dataclass(frozen=True, slots=True)
class RouterFacts:
    """What is known of a router besides where it is."""

    brand: str
    model: str
    serial_number: str
    mac_address: str | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A router of a file, with the status it is to have and the line it stands on."""

    facts: RouterFacts
    status: str
    row: Row


def checked(facts: RouterFacts) -> RouterFacts:
    """The facts as they are stored. Raises Invalid, naming the field."""
    for field, most in LONGEST.items():
        if len(getattr(facts, field)) > most:
            raise Invalid(_("This has at most %(most)s characters.", most=most), field=field)
    brand, model = " ".join(facts.brand.split()), " ".join(facts.model.split())
    if not brand:
        raise Invalid(_("Say who makes the router."), field="brand")
    if not model:
        raise Invalid(_("Say which model it is."), field="model")
    return replace(facts, brand=brand, model=model, serial_number=serial_number(facts.serial_number),
                   mac_address=mac_address(facts.mac_address or ""), notes=facts.notes.strip())


def serial_number(text: str) -> str:
    """A serial number in capitals, with single blanks. Raises Invalid for none, or one of strange signs."""
    serial = " ".join(text.upper().split())
    if not serial:
        raise Invalid(_("Give the serial number that stands on the router."), field="serial_number")
    if not _SERIAL.fullmatch(serial):
        raise Invalid(_("A serial number has letters, digits and dashes only."), field="serial_number")
    return serial


def mac_address(text: str) -> str | None:
    """“AA:BB:CC:DD:EE:FF” of any common notation (IEEE 802: six octets); empty is none.

    Raises Invalid for anything else, and for addresses of groups, which no device has.
    """
    digits = _SEPARATORS.sub("", text).lower()
    if not digits:
        return None
    if len(digits) != 12 or not _HEX.fullmatch(digits):
        raise Invalid(_("A MAC address has twelve hexadecimal digits, like AA:BB:CC:DD:EE:FF."), field="mac_address")
    if int(digits[:2], 16) & 1 or digits == "0" * 12:
        raise Invalid(_("This is the address of a group, not of one device."), field="mac_address")
    return ":".join(digits[place:place + 2] for place in range(0, 12, 2)).upper()


def sought_mac(term: str) -> str | None:
    """The digits to look for where a term is a MAC address or part of one, in whatever notation; else None."""
    digits = _SEPARATORS.sub("", term).lower()
    return digits if _LEAST_HEX_SOUGHT <= len(digits) <= 12 and _HEX.fullmatch(digits) else None


def check_mark(before: str, after: str) -> None:
    """Raises Conflict unless a router of status `before` can be marked as `after` by hand."""
    if after not in BY_HAND:
        raise Conflict(_("A router is assigned from the line it is put at."))
    if before == "assigned":
        raise Conflict(_("The router stands at a customer's. Take it back first."))
    if before == after:
        raise Conflict(_("The router is %(words)s already.", words=words(after)))


def check_assignable(status: str) -> None:
    """Raises Conflict for a router that cannot be put at a line."""
    if status == "assigned":
        raise Conflict(_("The router stands at another line. Take it back first."), field="router")
    if status not in ASSIGNABLE:
        raise Conflict(_("The router is %(words)s. Mark it as in stock first.", words=words(status)), field="router")


def check_span(assigned_on: date, returned_on: date | None = None, *, today: date) -> None:
    """Raises Invalid for a day in the future, or for taking a router back before it was given."""
    if (returned_on or assigned_on) > today:
        raise Invalid(_("That day has not come."), field="on")
    if returned_on is not None and returned_on < assigned_on:
        raise Invalid(_("It was assigned on %(assigned_on)s.", assigned_on=assigned_on), field="on")


def words(status: str) -> str:
    """A status as a sentence says it: “in stock”."""
    return word(status).lower()


def read_list(table: Table) -> tuple[list[Listed], list[RowError]]:
    """The routers of a file, and everything that is wrong with it."""
    errors = list(table.errors)
    if not errors:
        table.check_columns(required=FILE_COLUMNS[:3], optional=FILE_COLUMNS[3:])
        errors = list(table.errors)
    if errors:
        return [], errors
    listed = [router for row in table.rows if (router := _read(row)) is not None]
    errors = [error for row in table.rows for error in row.errors]
    return listed, errors


def _read(row: Row) -> Listed | None:
    facts = RouterFacts(**{name: row.text(name) for name in FILE_COLUMNS if name != "status"})
    status = row.choice("status", BY_HAND, default="in_stock")
    try:
        return Listed(checked(facts), status, row)
    except DomainError as refusal:
        row.refuse(refusal.field or "serial_number", refusal.message, _("Mend the value."))
        return None
