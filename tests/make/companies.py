"""Fills a company with one of everything, each free text of it carrying a word by which it is recognised.

The same calls at two new companies give rows with the same keys, so that only the word tells whose they are.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from flask import current_app
from sqlalchemy import select

from ispbill.accounts.models import Role, User
from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.roles import service as roles
from ispbill.accounts.users import queries as users
from ispbill.accounts.users import service as user_verbs
from ispbill.areas.models import Area
from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.chart import service as chart
from ispbill.billing.chart.policy import AccountFacts
from ispbill.billing.closing import service as closing
from ispbill.billing.collections.routes import queries as routes_of
from ispbill.billing.collections.routes import service as routes
from ispbill.billing.documents.prints import queries as waiting_prints
from ispbill.billing.documents.prints import service as prints
from ispbill.billing.documents.prints.models import PrintSort
from ispbill.billing.drafts import service as drafts
from ispbill.billing.drafts.service import DraftFacts
from ispbill.billing.handovers import service as handovers
from ispbill.billing.handovers.service import HandoverFacts
from ispbill.billing.invoices import queries as invoices_of
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.metering import service as metering
from ispbill.billing.metering.policy import Usage
from ispbill.billing.notes import service as notes_of_invoices
from ispbill.billing.notes.service import CreditFacts, NewLine
from ispbill.billing.payments import service as payments
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.service import Money
from ispbill.billing.proformas import service as proformas
from ispbill.billing.proof import service as proof
from ispbill.billing.refunds import service as refunds
from ispbill.billing.refunds.service import RefundFacts
from ispbill.billing.runs import jobs
from ispbill.billing.runs import service as runs
from ispbill.billing.runs.preview import service as previews
from ispbill.billing.statements.batches import service as statement_batches
from ispbill.billing.taxes import service as taxes
from ispbill.billing.write_offs import service as write_offs
from ispbill.catalogue.bundles import service as bundles
from ispbill.catalogue.bundles.policy import PartFacts
from ispbill.catalogue.contracts import service as contracts
from ispbill.catalogue.contracts.policy import ContractFacts
from ispbill.catalogue.models import Plan
from ispbill.company import service as company
from ispbill.company.logo import service as logo
from ispbill.company.models import SeriesKind
from ispbill.company.numbers import service as numbers
from ispbill.company.numbers.policy import SeriesFacts
from ispbill.company.policy import BillingTerms, Identity, MapTiles, Wording
from ispbill.core.crypto import hash_password
from ispbill.core.current import SYSTEM, Actor, TenantRef, acting_as, at, bound, current
from ispbill.core.db import db
from ispbill.core.notations import PLAIN
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.contacts import service as contacts
from ispbill.customers.contacts.policy import ContactFacts
from ispbill.customers.custom_fields import service as custom_fields
from ispbill.customers.custom_fields.policy import Definition
from ispbill.customers.documents import service as documents
from ispbill.customers.labels import service as labels
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.notes import service as notes
from ispbill.customers.suspension_reasons import service as suspension_reasons
from ispbill.imports import kinds
from ispbill.imports import service as imports
from ispbill.imports.looking import service as looking
from ispbill.imports.undoing import service as undoing
from ispbill.network.routers import service as routers
from ispbill.notifications.models import Message
from ispbill.notifications.texting import service as texting
from ispbill.notifications.texting.policy import SmsTerms
from ispbill.portal import queries as accounts_of
from ispbill.portal import service as portal
from ispbill.reports.contents import REPORTS
from ispbill.reports.schedules import service as schedules
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.installations import service as installations
from ispbill.subscriptions.models import Subscription
from ispbill.support.desk import service as desk
from ispbill.support.tickets import service as tickets
from tests.make import corrections, debts, drawers, equipment, loads, offers, people, plants, support
from tests.make.browsers import PASSWORD, Browser, two_factors
from tests.make.programs import Program, token_of

# So many days, each a period of its own, are more than a bill may have: the customer is parked.
_TOO_MANY_DAYS = 30


@dataclass(frozen=True, slots=True)
class Furnished:
    """What opens a furnished company: its owner, a token with all rights, links that set a password and show a
    customer's account.
    """

    tenant: TenantRef
    canary: str
    owner_email: str
    token: str
    link: str
    account_link: str

    def browser(self) -> Browser:
        """A browser signed in as the owner."""
        browser = Browser(current_app, self.tenant)
        browser.sign_in(self.owner_email)
        return browser

    def program(self) -> Program:
        """A program with a new token and all the owner's rights."""
        with bound(self.tenant, SYSTEM):
            with _step():
                owner = users.owner()
            assert owner is not None
            return Program(current_app, self.tenant, token_of(owner))


def furnish(tenant: TenantRef, *, canary: str, part: int = 1) -> Furnished:
    """Put one of everything into a company; a further part adds rows of every kind behind those that are there."""
    word = f"{canary}{part}"
    author = Actor(kind="user", name=f"{word} Author", is_owner=True, user_agent=f"{word} agent")
    with bound(tenant, author), at(current.now() + timedelta(days=part - 1)):
        owner = _owner(canary)
        with _step():
            _company(word)
            _books(word, part)
        link = _staff(word)
        with _step():
            area, plan = _area(word), _plan(word)
            _plant(word, area)
        person = _customer(word, area)
        _records(word, person)
        _lines(word, person, plan)
        _routers(word, person)
        _billing(word)
        token = token_of(owner, name=f"{word} Bookkeeping")
        _money(word, person)
        _corrections(word, person)
        _support(word, person)
        _prepaid(word, person)
        debts.furnish(word)
        drawers.furnish(word, Actor(kind="user", name=owner.full_name, user_id=owner.id, is_owner=True), person.id)
        with _step():
            proof.check()
        _reports(owner, part)
        with _step():
            routes.assign(owner, area_ids={*routes_of.area_ids(owner.id), area.id})
        _leftovers(word, part)
        with _step():
            account_link = accounts_of.token(portal.give(person))
        _traffic(word, tenant, owner, token, person)
    return Furnished(tenant, canary, owner.email, token, link, account_link)


@contextmanager
def _step() -> Iterator[None]:
    with unit_of_work():
        yield


def _owner(canary: str) -> User:
    with _step():
        user_verbs.register_owner(
            f"{canary}@example.com", full_name=f"{canary} Owner", password_hash=hash_password(PASSWORD)
        )
        owner = users.owner()
    assert owner is not None
    return owner


def _company(word: str) -> None:
    company.change_identity(Identity(
        legal_name=f"{word} Networks", tax_identifier=f"{word}-TIN", registration=f"{word} permit",
        address=f"{word} Avenue", phone=f"{word} phone", email=f"{word}@networks.example",
    ))
    for kind in SeriesKind:
        numbers.change(kind, SeriesFacts(pattern=f"{word[:-1]}{kind[:3]}-{{branch}}-", branch=word[:-1]))
    company.change_terms(BillingTerms(due_days=15, auto_issue=True, invoice_note=f"{word} thanks you"))
    texting.enter(SmsTerms(f"AC{'0' * 32}", f"{word}-token", word[:11], is_enabled=False))
    logo.change(offers.PNG, name=f"{word}.png")
    company.change_map(MapTiles(f"https://{word}.example/{{z}}/{{x}}/{{y}}.png", f"{word} maps"))
    company.change_wording(Wording(f"#{word[:3].encode().hex()}", f"{word} Region", f"{word} City", f"{word} Barangay"))


def _books(word: str, part: int) -> None:
    chart.add(AccountFacts(code=f"6200-{part}", name=f"{word} rent", kind="expense"))
    line = current.today() - timedelta(days=60 - part)
    closing.close(last_day=line)
    closing.reopen(first_day=line, reason=f"{word} found a receipt")


def _staff(word: str) -> str:
    with _step():
        role = roles.add(f"{word} Clerks", description=f"{word} clerks of the desk", permissions=["view_dashboard"])
        user_verbs.invite(f"{word}-clerk@example.com", full_name=f"{word} Clerk", role_ids=[role.id])
        guard = user_verbs.invite(f"{word}-guard@example.com", full_name=f"{word} Guard", role_ids=[]).user
        guard.password_hash = hash_password(PASSWORD)
        two_factors(guard.id)
        former = user_verbs.invite(f"{word}-former@example.com", full_name=f"{word} Former", role_ids=[]).user
        former_id = former.id
        roles.add(f"{word} Unused")
    with _step():
        user_verbs.deactivate(former_id)
        clerk = db.session.scalars(select(User).where(User.email == f"{word}-clerk@example.com")).one()
        return passwords.send_link(clerk, passwords.LinkPurpose.INVITATION)


def _area(word: str) -> Area:
    return people.area(f"{word} Island", f"{word} Town", f"{word} Quarter")


def _plant(word: str, area: Area) -> None:
    known = {"area_id": area.id, "address": f"{word} Pole", "notes": f"{word} ladder"}
    lcp = plants.lcp(code=f"{word}-LCP", name=f"{word} Cabinet", latitude="14.5", longitude="121", **known)
    splitter = plants.splitter(lcp, code=f"{word}-SP", notes=f"{word} tray")
    nap = plants.nap(splitter, code=f"{word}-NAP", latitude="14.5001", longitude="121", **known)
    plants.mark(nap, 8, condition="faulty", note=f"{word} rust")
    plants.splitter(lcp, code=f"{word}-SPARE")
    plants.nap(splitter, code=f"{word}-FAR", latitude="14.6", longitude="121")


def _plan(word: str) -> Plan:
    tax = offers.tax(name=f"{word} VAT")
    plan = offers.plan(100_000, tax=tax, code=f"{word}-NET", name=f"{word} Fiber", description=f"{word} quick")
    voice = offers.plan(50_000, code=f"{word}-VOICE", name=f"{word} Voice", kind="voice", description=f"{word} calls")
    bundles.add(f"{word} Both", parts=[PartFacts(plan.id), PartFacts(voice.id)], description=f"{word} together")
    contracts.bind(plan, facts=ContractFacts(24, fixed_minor=150_000))
    offers.usage_price(plan, unit=word)
    return plan


def _customer(word: str, area: Area) -> Customer:
    with _step():
        people.register_customer(f"{word} Lead", status=CustomerStatus.LEAD)
        gone = people.register_customer(f"{word} Gone")
        customers.terminate(gone, reason=f"{word} moved away")
        because = suspension_reasons.add(f"{word} holiday", billing="credit")
        customers.suspend(people.register_customer(f"{word} Paused"), because=because, reason=f"{word} on holiday")
        return people.register_customer(
            f"{word} Person", email=f"{word}@people.example", phone=f"{word} 0917", tax_identifier=f"{word}-TIN",
            area_id=area.id, street=f"{word} Street", landmark=f"{word} Chapel", notes=f"{word} notes",
            external_reference=f"{word}-CRM", latitude=Decimal("14.5"), longitude=Decimal("121"),
        )


def _records(word: str, person: Customer) -> None:
    with _step():
        for number in range(2):
            notes.write(person, body=f"{word} rang {number} times")
            contacts.add(person, facts=ContactFacts(
                f"{word} Aunt", "household", phone=f"{word} 0918", email=f"{word}-{number}@aunts.example"
            ))
            worn = labels.add(f"{word} Label {number}", colour="blue")
            documents.add(person, title=f"{word} Contract", content=f"{word} signs".encode(), file_name=f"{word}.txt")
        labels.wear(person, label_ids=[worn.id])
        custom_fields.define(Definition(f"{word} Building", "text"))
        person.custom_values = {f"{word}_building": f"{word} Tower"}


def _lines(word: str, person: Customer, plan: Plan) -> None:
    today = current.today()
    with _step():
        line = offers.installation(person, address=f"{word} Alley", notes=f"{word} ladder")
        annex = offers.installation(person, address=f"{word} Annex")
        plants.connect(annex, plants.named(f"{word}-FAR"), override_reason=f"{word} messenger wire")
        installations.fail(offers.installation(person, address=f"{word} Gate"), reason=f"{word} dog barked")
        plants.connect(line, plants.named(f"{word}-NAP"))
        offers.photo(line, caption=f"{word} pole", name=f"{word}.png")
        installations.complete(line, on=today)
        offers.subscribe(person, plans=[(plan, 1, None)], installation=line, external_reference=f"{word}-SUB")
        offers.subscribe(person, plans=[(plan, 1, None)])
        loyalty = offers.discount(f"{word} Loyalty", description=f"{word} for years")
        offers.grant(loyalty, person, reason=f"{word} asked")
        taxes.exempt(person, facts=taxes.ExemptionFacts(f"{word} school", today, certificate=f"{word}-CERT"))
        taxes.withhold(person, rate_percent=Decimal(2), starts_on=today)
        charges.add(ChargeFacts(person.id, f"{word} modem", 20_000, kind=ChargeKind.DEPOSIT))
        parked = people.register_customer(f"{word} Parked")
        daily = offers.plan(code=f"{word}-DAY", name=f"{word} Daily", period_unit="day")
        offers.subscribe(parked, plans=[(daily, 1, None)] * 2, start_on=today - timedelta(days=_TOO_MANY_DAYS))


def _routers(word: str, person: Customer) -> None:
    with _step():
        line = offers.installation(person, address=f"{word} Attic")
        for number in range(3):
            device = equipment.router(f"{word}-{number}", brand=f"{word} Works", model=f"{word} Box",
                                      notes=f"{word} dented", mac_address=_mac_address(word, number))
        equipment.assigned(device, line=line)
        routers.take_back(device, on=current.today(), condition="returned", note=f"{word} dropped")
        equipment.assigned(device, line=line)
        routers.mark(equipment.router(f"{word}-X"), status="faulty", reason=f"{word} struck by lightning")


def _mac_address(word: str, number: int) -> str:
    return f"02:{word[-1].encode().hex()}:00:00:00:{number:02x}"


def _billing(word: str) -> None:
    jobs.bill_now(current.today())
    with _step():
        line = offers.subscribe(plans=[(offers.plan(code=f"{word}-ONCE", name=f"{word} Once"), 1, None)])
    jobs.bill_now(current.today())
    with _step():
        back, on, until = (current.today() + timedelta(days=days) for days in (9, 30, 39))
        line = db.session.merge(line)
        subscriptions.suspend(line, on=on, until=until, reason=f"{word} booked")
        subscriptions.suspend(line, on=current.today(), until=back, reason=f"{word} on holiday")
        subscriptions.end(line, on=until, reason=f"{word} moves away")
        newest = db.session.scalars(select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
        invoices.void(newest, reason=f"{word} billed in error")
    with _step():
        # Of the second part on, another one: a bill is handed over once.
        for invoice_id in db.session.scalars(select(Invoice.id).order_by(Invoice.id.desc())):
            known = invoices_of.detail(invoice_id)
            if known is not None and known.status == "issued" and known.total_minor > 0:
                handovers.hand_over(known, HandoverFacts(current.today(), f"{word} took it herself"))
                break
    with _step():
        runs.hold(runs.open_run(current.today() + timedelta(days=1), approved=False))
        previews.order(current.today() + timedelta(days=2))


def _money(word: str, person: Customer) -> None:
    with _step():
        receipt = payments.Receipt(
            customer_id=person.id, amount_minor=30_000, method="bank", reference=f"{word}-REF", note=f"{word} note",
            idempotency_key=f"{word}-key",
        )
        payments.record(receipt)
        bounced = payments.record(payments.Receipt(
            customer_id=person.id, amount_minor=10_000, method="cheque", reference=f"{word}-CHQ"
        ))
        payments.reverse(bounced, reason=f"{word} bounced")
        facts = ChargeFacts(person.id, f"{word} cable", 5_000)
        charges.cancel(charges.add(facts), reason=f"{word} keeps the old one")
        charges.add(facts)
        charges.add(replace(facts, kind=ChargeKind.LATE_FEE))
        line = db.session.scalars(select(Subscription.id).where(Subscription.customer_id == person.id)).first() or 0
        metering.record([Usage(line, current.today(), Decimal(7), f"{word} meter")])


def _corrections(word: str, person: Customer) -> None:
    line = NewLine(f"{word} Router", 5_000)
    with _step():
        everybody = select(Customer.id)
        span = {"since": current.today() - timedelta(days=9), "until": current.today()}
        statement_batches.order(everybody, **span)
        printed = prints.order_statements(everybody, sorted_by=PrintSort.AREA, **span)
        for part_id in waiting_prints.pending_part_ids(printed.id):
            prints.make_part(part_id)
        lead = db.session.scalars(select(Customer).where(Customer.name == f"{word} Lead")).one()
        notes_of_invoices.debit(lead.id, [line], reason=f"{word} found later")
        lost = notes_of_invoices.debit(lead.id, [line], reason=f"{word} found later")
        write_offs.write_off(corrections.loaded(lost.id), reason=f"{word} out of reach")
        stranger = db.session.scalars(select(Customer).where(Customer.name == f"{word} Paused")).one()
        payments.record(payments.Receipt(stranger.id, 9_000, "cash", waits=True))
        back = RefundFacts(stranger.id, 1_000, "bank", f"{word} moved", reference=f"{word}-BACK",
                           idempotency_key=f"{word}-back")
        refunds.refund(back)
        refunds.cancel(refunds.refund(replace(back, idempotency_key=f"{word}-more")), reason=f"{word} never fetched")
        settled = notes_of_invoices.debit(stranger.id, [line], reason=f"{word} found later")
        notes_of_invoices.credit(corrections.loaded(settled.id), CreditFacts(f"{word} outage"))
        drafts.draft(person.id, DraftFacts([line], note=f"{word} sells"))
        proformas.issue(person.id, [line], note=f"{word} offers")
        proformas.cancel(proformas.issue(person.id, [line]), reason=f"{word} ordered elsewhere")


def _support(word: str, person: Customer) -> None:
    with _step():
        category = desk.add_category(f"{word} Poles")
        desk.add_answer(f"{word} Restart", body=f"{word} switch it off and on")
        ticket = support.ticket(
            f"{word} no light", customer=person, category_id=category.id, description=f"{word} red lamp",
            contact=f"{word} neighbour",
        )
        tickets.comment(ticket, text=f"{word} sees to it", is_public=True)
        tickets.attach(ticket, content=f"{word} log".encode(), name=f"{word}.txt")
        done = support.ticket(f"{word} slow", customer=person)
        tickets.resolve(done, reason=f"{word} new cable")
        tickets.merge(support.ticket(f"{word} dark", customer=person), into=ticket)
        tickets.start(support.ticket(f"{word} lamp blinks", customer=person))


def _prepaid(word: str, person: Customer) -> None:
    with _step():
        line = offers.installation(person, address=f"{word} Attic")
        plan = offers.plan(60_000, code=f"{word}-LOAD", name=f"{word} Prepaid")
        money = Money("e_wallet", reference=f"{word}-GCASH")
        loads.load(person.id, plan=plan, installation_id=line.id, received=money, key=f"{word}-load")
        gone = loads.load(person.id, plan=plan)
        cancelling.cancel(gone.subscription_id, reason=f"{word} moved away")


def _files(word: str) -> None:
    """A file that was brought in and taken back, and one that waits."""
    content = f"region\n{word} Imported\n".encode()
    kind = kinds.named("areas")
    gone, _ = (imports.receive(kind, content=content, file_name=f"{word}.csv", day=None) for _ in range(2))
    imports.say_columns(gone, mapping={"region": "region"}, notation=PLAIN)
    for _ in range(3):
        looking.look_on(gone.id)
    imports.run(gone.id)
    for _ in range(2):
        imports.go_on(gone.id)
    undoing.undo(gone.id)
    for _ in range(2):
        undoing.go_back(gone.id)


def _reports(owner: User, part: int) -> None:
    with _step():
        schedules.begin(list(REPORTS)[part], rhythm="daily", user_id=owner.id)


def _leftovers(word: str, part: int) -> None:
    with _step():
        author = Actor(kind="user", name=f"{word} Author", user_id=1, is_owner=True, ip_address=f"10.0.0.{part}")
        with acting_as(author):
            _files(word)
        message = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        message.last_error = f"{word} refused by the server"
        with acting_as(author):
            roles.change(db.session.scalars(select(Role.id).order_by(Role.id.desc()).limit(1)).one(),
                         name=f"{word} Unused", description=f"{word} for nobody", permissions=[])


def _traffic(word: str, tenant: TenantRef, owner: User, token: str, person: Customer) -> None:
    """What only requests leave behind: a browser's session, the answer kept for a program's retry."""
    Browser(current_app, tenant).post(
        "/login", {"email": owner.email, "password": PASSWORD}, headers={"User-Agent": f"{word} browser"}
    )
    Program(current_app, tenant, token).post(
        "payments", key=f"{word}-idempotent", customer_id=str(person.id), amount_minor=500, method="cash",
        note=f"{word} through the API",
    )
