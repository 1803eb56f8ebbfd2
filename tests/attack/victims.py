"""The two companies of the suite, the addresses it attacks, and what it looks for in the answers."""
from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from sqlalchemy import Table, select, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from ispbill.accounts.models import ApiToken, Role, User, UserSession
from ispbill.api import openapi, v1
from ispbill.areas.models import Area
from ispbill.audit.models import AuditEntry
from ispbill.billing.cash.models import CashDeposit, CashHandover, CashIntake, CashSession
from ispbill.billing.charges.models import Charge
from ispbill.billing.collections.models import (
    CollectionAction,
    CollectionCutoff,
    CollectionHold,
    CollectionStep,
    DisputeHold,
    NoCutDay,
    PromiseToPay,
)
from ispbill.billing.discounts.models import Discount, DiscountGrant
from ispbill.billing.documents.prints.models import PrintOrder, PrintPart
from ispbill.billing.drafts.models import DraftInvoice
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.ledger.models import JournalEntry, LedgerAccount
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidSubscription
from ispbill.billing.proformas.models import Proforma
from ispbill.billing.proof.models import BooksCheck
from ispbill.billing.refunds.models import Refund
from ispbill.billing.runs.models import BillingRun
from ispbill.billing.statements.batches.models import StatementBatch
from ispbill.billing.taxes.models import TaxExemption, TaxWithholding
from ispbill.catalogue.bundles.models import Bundle
from ispbill.catalogue.models import Plan, TaxRate
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import TenantModel, db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.contacts.models import CustomerContact
from ispbill.customers.custom_fields.models import CustomField
from ispbill.customers.documents.models import CustomerDocument
from ispbill.customers.labels.models import Label
from ispbill.customers.models import Customer
from ispbill.customers.suspension_reasons.models import SuspensionReason
from ispbill.imports.models import ImportBatch
from ispbill.network.routers.models import Router
from ispbill.notifications.models import Message
from ispbill.plant.models import Lcp, Nap, NapPort, Splitter
from ispbill.reports.schedules.models import ReportSchedule
from ispbill.subscriptions.models import Installation, Subscription, SubscriptionComponent, SubscriptionPause
from ispbill.subscriptions.photos.models import InstallationPhoto
from ispbill.support.desk.models import CannedAnswer, TicketCategory
from ispbill.support.tickets.models import Ticket, TicketAttachment
from ispbill.tenancy.owner import owner_connection
from ispbill.web import guards
from ispbill.web.requests import IspbillFlask
from tests.api.examples import valid_body
from tests.make.browsers import Browser
from tests.make.companies import Furnished
from tests.make.programs import Program

# Which table each argument of an address is a key of. A route with an argument that is missing here fails the suite.
TABLES: dict[str, type[TenantModel]] = {
    "account_id": LedgerAccount,
    "action_id": CollectionAction,
    "allocation_id": PaymentAllocation,
    "area_id": Area,
    "batch_id": ImportBatch,
    "statement_batch_id": StatementBatch,
    "bundle_id": Bundle,
    "charge_id": Charge,
    "check_id": BooksCheck,
    "component_id": SubscriptionComponent,
    "contact_id": CustomerContact,
    "customer_id": Customer,
    "discount_id": Discount,
    "grant_id": DiscountGrant,
    "exemption_id": TaxExemption,
    "withholding_id": TaxWithholding,
    "document_id": CustomerDocument,
    "cutoff_id": CollectionCutoff,
    "dispute_id": DisputeHold,
    "entry_id": AuditEntry,
    "field_id": CustomField,
    "hold_id": CollectionHold,
    "installation_id": Installation,
    "invoice_id": Invoice,
    "journal_entry_id": JournalEntry,
    "label_id": Label,
    "lcp_id": Lcp,
    "line_id": InvoiceLine,
    "load_id": PrepaidLoad,
    "message_id": Message,
    "nap_id": Nap,
    "no_cut_day_id": NoCutDay,
    "pause_id": SubscriptionPause,
    "payment_id": Payment,
    "photo_id": InstallationPhoto,
    "plan_id": Plan,
    "port_id": NapPort,
    "prepaid_id": PrepaidSubscription,
    "promise_id": PromiseToPay,
    "draft_id": DraftInvoice,
    "print_order_id": PrintOrder,
    "print_part_id": PrintPart,
    "proforma_id": Proforma,
    "reason_id": SuspensionReason,
    "refund_id": Refund,
    "drawer_id": CashSession,
    "handover_id": CashHandover,
    "deposit_id": CashDeposit,
    "intake_id": CashIntake,
    "role_id": Role,
    "router_id": Router,
    "run_id": BillingRun,
    "schedule_id": ReportSchedule,
    "session_id": UserSession,
    "splitter_id": Splitter,
    "step_id": CollectionStep,
    "subscription_id": Subscription,
    "tax_rate_id": TaxRate,
    "token_id": ApiToken,
    "user_id": User,
    "answer_id": CannedAnswer,
    "attachment_id": TicketAttachment,
    "category_id": TicketCategory,
    "ticket_id": Ticket,
}

# Arguments that are words of the product, the same for every company.
WORDS = {"kind_code": "areas"}


@dataclass(frozen=True, slots=True)
class Target:
    """A route and a method it answers to."""

    rule: Rule
    method: str
    mark: guards.Mark

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def is_api(self) -> bool:
        """Whether programs call it."""
        return "/api/" in self.rule.rule

    @property
    def has_keys(self) -> bool:
        """Whether its address names a row."""
        return bool(self.rule.arguments & TABLES.keys())


@dataclass(frozen=True, slots=True)
class Pair:
    """The company that is attacked and the company of the attacker."""

    app: IspbillFlask
    victim: Furnished
    attacker: Furnished

    def targets(self) -> Iterator[Target]:
        """Every route with every method it answers to, those of the static files and the health check excepted."""
        for rule in self.app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                mark = guards.mark_of(self.app.view_functions[rule.endpoint], method)
                assert mark is not None, f"{rule.rule} has no mark"
                if mark.access not in (guards.Access.ANYWHERE, guards.Access.APEX):
                    yield Target(rule, method, mark)

    def address(self, target: Target, keys: dict[str, int], *, link: str) -> str:
        """The address of a target with its arguments filled in."""
        values: dict[str, Any] = {}
        for name in target.rule.arguments:
            secrets = {"token": link, "account_link": self.victim.account_link}
            assert name in {*TABLES, *WORDS, *secrets}, f"{target}: the suite does not know the argument {name}"
            values[name] = secrets.get(name) or WORDS.get(name) or keys[name]
        built = target.rule.build(values, append_unknown=False)
        assert built is not None
        return built[1]


def only_the_victims(pair: Pair) -> dict[str, int]:
    """A key of every kind that the victim has and the attacker has not."""
    return _newest(pair, lambda victims, attackers: victims - attackers)


def in_both(pair: Pair) -> dict[str, int]:
    """A key of every kind that both have, for different rows."""
    return _newest(pair, lambda victims, attackers: victims & attackers)


def _newest(pair: Pair, choose: Callable[[set[int], set[int]], set[int]]) -> dict[str, int]:
    found = [_keys(furnished.tenant) for furnished in (pair.victim, pair.attacker)]
    chosen = {name: choose(found[0][name], found[1][name]) for name in TABLES}
    assert all(chosen.values()), f"no key for {[name for name, keys in chosen.items() if not keys]}"
    return {name: max(keys) for name, keys in chosen.items()}


def _keys(tenant: TenantRef) -> dict[str, set[int]]:
    with bound(tenant, SYSTEM), unit_of_work():
        return {name: set(db.session.scalars(select(model.id))) for name, model in TABLES.items()}


def leave_a_gap(tenant: TenantRef) -> None:
    """Let a company's next keys be far beyond all that the other will ever reach."""
    with owner_connection() as connection:
        for table in TenantModel.metadata.sorted_tables:
            sequence = sql.Identifier(tenant.schema, f"{table.name}_id_seq")
            connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART WITH 1000001").format(sequence))


def contents(tenant: TenantRef) -> dict[str, str]:
    """A digest of every table of a company, to see that an attack changed nothing."""
    with bound(tenant, SYSTEM), unit_of_work():
        return {table.name: _digest(table) for table in TenantModel.metadata.sorted_tables}


def _digest(table: Table) -> str:
    whole = "count(*) || coalesce(md5(string_agg(t::text, '|' ORDER BY t.id)), '')"
    found: str = db.session.execute(text(f"SELECT {whole} FROM {table.name} t")).scalar_one()
    return found


def leaks(answer: TestResponse, victim: Furnished) -> bool:
    """Whether anything of the victim stands in the answer: body, headers, or the text of a PDF."""
    everything = answer.data.lower() + str(answer.headers).lower().encode()
    if answer.mimetype == "application/pdf":
        everything += _pdf_text(answer.data).lower()
    return any(word.encode() in everything for word in (victim.canary, victim.tenant.code.lower()))


def _pdf_text(document: bytes) -> bytes:
    tool = shutil.which("pdftotext")
    if tool is None:
        return b""
    return subprocess.run([tool, "-", "-"], input=document, capture_output=True, check=True).stdout


class Attacker:
    """Calls targets at the attacker's site, by browser or program as the target expects it."""

    def __init__(self, pair: Pair, browser: Browser, program: Program) -> None:
        self.pair, self.browser, self.program = pair, browser, program
        document = v1.document(pair.app)
        self.bodies = {
            (path, method.upper()): valid_body(document, operation)
            for path, method, operation in openapi.operations(document)
        }

    def call(self, target: Target, keys: dict[str, int], **options: Any) -> TestResponse:
        """Send the target a request that names these keys in its address and in whatever else it carries."""
        address = self.pair.address(target, keys, link=self.pair.victim.link)
        if target.is_api:
            return self._as_program(target, address, keys, **options)
        if target.method == "GET":
            query = {**named(keys, self.pair), **options.pop("query", {})}
            return self.browser.get(address, query_string=query, **options)
        return self.browser.post(address, form(keys, self.pair), **options)

    def _as_program(self, target: Target, address: str, keys: dict[str, int], **options: Any) -> TestResponse:
        if target.method == "GET":
            return self.program.send("GET", address, query_string=options.pop("query", {}), **options)
        body = dict(self.bodies.get((openapi.path_of(target.rule.rule), target.method), {}))
        body.pop("currency", None)
        body |= {name: str(keys[name]) for name in body if name in keys}
        headers = {"Idempotency-Key": f"attack on {target}".replace(" ", "-"), **options.pop("headers", {})}
        return self.program.send(target.method, address, json=body, headers=headers, **options)

    def stay_signed_in(self) -> None:
        """Sign in again where the last call ended the session."""
        if self.browser.get("/profile").status_code != 200:
            self.browser.sign_in(self.pair.attacker.owner_email)


def named(keys: dict[str, int], pair: Pair) -> dict[str, str]:
    """Keys under every name by which a list could take them, and a search for half of the victim's word."""
    short = {name.removesuffix("_id"): str(key) for name, key in keys.items()}
    return {**{name: str(key) for name, key in keys.items()}, **short, "q": pair.victim.canary[:8], "cursor": ""}


def form(keys: dict[str, int], pair: Pair) -> dict[str, str]:
    """A form with the victim's keys in every field that could hold one."""
    return {**named(keys, pair), "role_ids": str(keys["role_id"]), "reason": "Because", "name": "Taken over",
            "parent_id": str(keys["area_id"]), "technician_id": str(keys["user_id"]),
            "assignee_id": str(keys["user_id"])}
