"""How files of customers are read, in two formats: each row becomes an entry or errors. Pure.

`ispbill` is our own layout (docs/imports.md). `telco` is the telecom sample of IBM: services instead of plans
and names.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.tables import Row, RowError, Table
from ispbill.customers.custom_fields.policy import FILE_PREFIX, Definition
from ispbill.customers.policy import ACCURACIES, FILE_COLUMNS, KINDS, LABELS_COLUMN, CustomerFacts, checked
from ispbill.imports.policy import Key

FORMATS = ("telco", "ispbill")
STATUSES = ("lead", "active", "suspended", "terminated")
PLAN_COLUMNS = ("plan_code", "monthly_price", "start_on", "anchor_day")
TELCO_EXTRAS = {
    "OnlineSecurity": "online security", "OnlineBackup": "online backup",
    "DeviceProtection": "device protection", "TechSupport": "tech support", "StreamingTV": "streaming TV",
    "StreamingMovies": "streaming movies",
}
TELCO_COLUMNS = (
    "customerID", "gender", "SeniorCitizen", "Partner", "Dependents", "tenure", "PhoneService",
    "MultipleLines", "InternetService", *TELCO_EXTRAS, "Contract", "PaperlessBilling", "PaymentMethod",
    "MonthlyCharges", "TotalCharges", "Churn",
)
_YES_NO = ("Yes", "No")
# The answers of a service's column: a part of the plan's code, and of its name.
_INTERNET = {
    "Fiber optic": ("FIBER", "Fiber optic"), "DSL": ("DSL", "DSL"), "No": ("VOICE", "Telephone only"),
}
_LINES = {
    "No": ("1L", "one phone line"), "Yes": ("ML", "several phone lines"), "No phone service": ("0L", ""),
}
_LONGEST_TENURE_MONTHS = 1200
_LONGEST_ACCOUNT_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: in which currency and country, and from when what it sells is billed."""

    currency: str
    country: str | None
    start_on: date
    fields: tuple[Definition, ...] = ()


@dataclass(frozen=True, slots=True)
class Sale:
    """What a customer subscribes to; a price of None is the plan's own."""

    plan_code: str
    price_minor: int | None
    start_on: date
    anchor_day: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that is in order."""

    row: Row
    facts: CustomerFacts
    status: str
    account_number: str = ""
    area: str = ""
    sale: Sale | None = None


@dataclass(frozen=True, slots=True)
class DerivedPlan:
    """A plan that the data implies, at the price most of its rows pay."""

    code: str
    name: str
    kind: str
    price_minor: int


@dataclass(slots=True)
class Contents:
    """Everything a file says, and everything that is wrong with it."""

    entries: list[Entry] = field(default_factory=list)
    plans: list[DerivedPlan] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def sniff(table: Table) -> str:
    """The format of a table, by its columns."""
    return "telco" if "customerid" in table.columns() else "ispbill"


def read(table: Table, file_format: str, reading: Reading, *, tell: Callable[[int], None]) -> Contents:
    """All rows as entries, or the errors of the header or of the rows; `tell` hears how many are read."""
    check_columns, entry_of = _READERS[file_format]
    check_columns(table)
    if table.errors:
        return Contents(errors=table.errors)
    contents = Contents()
    for number, row in enumerate(table.rows, start=1):
        entry = entry_of(row, reading)
        if entry is not None:
            contents.entries.append(entry)
        contents.errors += row.errors
        tell(number)
    if file_format == "telco":
        contents.plans = derived_plans(contents.entries)
    return contents


def derived_plans(entries: Sequence[Entry]) -> list[DerivedPlan]:
    """One plan for each combination of services, at the commonest price, the lowest of several."""
    prices: dict[str, Counter[int]] = {}
    for entry in entries:
        assert entry.sale is not None and entry.sale.price_minor is not None, "each telco row is sold"
        prices.setdefault(entry.sale.plan_code, Counter())[entry.sale.price_minor] += 1
    return [_derived_plan(code, prices[code]) for code in sorted(prices)]


def keys_of(entries: Sequence[Entry]) -> list[Key]:
    """By what each row that is in order is known."""
    return [
        (entry.row.line, column, value) for entry in entries
        for column, value in (("account_number", entry.account_number),
                              ("external_reference", entry.facts.external_reference or ""))
    ]


def first_of_next_month(today: date) -> date:
    """The day from which an import bills where nobody says otherwise."""
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


def _check_telco(table: Table) -> None:
    table.check_columns(required=TELCO_COLUMNS)


def _check_ispbill(table: Table) -> None:
    own = [name for name in table.header if name.lower().startswith(FILE_PREFIX)]
    others = [name for name in (*FILE_COLUMNS, *PLAN_COLUMNS, *own, LABELS_COLUMN) if name != "name"]
    table.check_columns(required=("name",), optional=others)


def _telco_entry(row: Row, reading: Reading) -> Entry | None:
    reference = row.text("customerID", required=True)
    code, extras = _telco_services(row)
    price_minor = row.money("MonthlyCharges", currency=reading.currency)
    if price_minor is None and not row.errors:
        row.refuse("MonthlyCharges", "Nothing stands here.", "The monthly price, like 29.85.")
    row.money("TotalCharges", currency=reading.currency)
    row.whole("tenure", low=0, high=_LONGEST_TENURE_MONTHS)
    row.choice("Churn", _YES_NO)
    notes = "; ".join(part for part in (
        f"Extras: {', '.join(extras)}" if extras else "", f"Contract: {row.text('Contract')}",
        f"Pays by: {row.text('PaymentMethod')}",
    ) if part)
    facts = CustomerFacts(name=f"Subscriber {reference}", external_reference=reference, notes=notes)
    known = _checked(row, facts, reading)
    sale = Sale(code, price_minor, reading.start_on, reading.start_on.day)
    return Entry(row=row, facts=known, status="active", sale=sale) if known else None


def _telco_services(row: Row) -> tuple[str, list[str]]:
    internet = row.choice("InternetService", tuple(_INTERNET))
    lines = row.choice("MultipleLines", tuple(_LINES))
    has_phone = row.choice("PhoneService", _YES_NO)
    answers = {name: row.choice(name, (*_YES_NO, "No internet service")) for name in TELCO_EXTRAS}
    extras = [label for name, label in TELCO_EXTRAS.items() if answers[name] == "Yes"]
    if row.errors:
        return "", []
    if (has_phone == "No") != (lines == "No phone service"):
        row.refuse("MultipleLines", "This contradicts PhoneService.", "“No phone service” without a phone.")
    if internet == "No" and (extras or has_phone == "No"):
        row.refuse("InternetService", "Without internet and phone nothing is sold.", "DSL or Fiber optic")
    parts = [_INTERNET[internet][0], _LINES[lines][0], f"X{len(extras)}" if extras else ""]
    return "-".join(part for part in parts if part), extras


def _derived_plan(code: str, prices: Counter[int]) -> DerivedPlan:
    internet_code, lines_code, *extras_code = code.split("-")
    internet = next(label for short, label in _INTERNET.values() if short == internet_code)
    lines = next(label for short, label in _LINES.values() if short == lines_code)
    extras = [f"{text[1:]} extra{'s' if text != 'X1' else ''}" for text in extras_code]
    kind = "voice" if internet_code == "VOICE" else "internet"
    most = max(prices.values())
    return DerivedPlan(
        code=code, name=", ".join(filter(None, [internet, lines, *extras])), kind=kind,
        price_minor=min(price for price, count in prices.items() if count == most),
    )


def _ispbill_entry(row: Row, reading: Reading) -> Entry | None:
    facts = _facts(row, reading)
    account_number = row.text("account_number", most=_LONGEST_ACCOUNT_NUMBER).upper()
    status = row.choice("status", STATUSES, default="active" if row.text("plan_code") else "lead")
    sale = _sale(row, reading)
    if sale is not None and status in ("lead", "terminated"):
        row.refuse("status", _("Who has a plan is active."), _("active, or no plan_code"))
    if row.errors or facts is None:
        return None
    return Entry(
        row=row, facts=facts, status=status, account_number=account_number,
        area=row.text("area"), sale=sale,
    )


def _facts(row: Row, reading: Reading) -> CustomerFacts | None:
    facts = CustomerFacts(
        name=row.text("name", required=True), kind=row.choice("kind", KINDS, default="person"),
        email=row.text("email"), phone=row.text("phone"), tax_identifier=row.text("tax_identifier"),
        street=row.text("street"), landmark=row.text("landmark"), latitude=row.decimal("latitude"),
        longitude=row.decimal("longitude"), location_accuracy=row.choice("location_accuracy", ACCURACIES, default=""),
        notes=row.text("notes"), e_billing_since=row.day("e_billing_since"),
        external_reference=row.text("external_reference") or None,
        custom_values={name.removeprefix(FILE_PREFIX): _own_value(row, name, reading)
                       for name in row.cells if name.startswith(FILE_PREFIX)},
    )
    return _checked(row, facts, reading)


def _own_value(row: Row, name: str, reading: Reading) -> str:
    kind = next((field.kind for field in reading.fields if name == f"{FILE_PREFIX}{field.key}"), "")
    if kind == "date":
        day = row.day(name)
        return day.isoformat() if day else ""
    if kind == "number":
        number = row.decimal(name)
        return "" if number is None else str(number)
    return row.text(name)


def _checked(row: Row, facts: CustomerFacts, reading: Reading) -> CustomerFacts | None:
    if row.errors:
        return None
    try:
        return checked(facts, country=reading.country, fields=reading.fields)
    except Invalid as refusal:
        row.refuse(refusal.field or "name", refusal.message,
                   _("Mend the value or, where it may be, empty it."))
        return None


def _sale(row: Row, reading: Reading) -> Sale | None:
    code = row.text("plan_code").upper()
    price_minor = row.money("monthly_price", currency=reading.currency)
    start_on = row.day("start_on") or reading.start_on
    anchor_day = row.whole("anchor_day", low=1, high=31) or start_on.day
    if not code and price_minor is not None:
        row.refuse("plan_code", _("A price stands here, but no plan."), _("The code of a plan of the catalogue."))
    return Sale(code, price_minor, start_on, anchor_day) if code else None


_READERS: dict[str, tuple[Callable[[Table], None], Callable[[Row, Reading], Entry | None]]] = {
    "telco": (_check_telco, _telco_entry),
    "ispbill": (_check_ispbill, _ispbill_entry),
}
