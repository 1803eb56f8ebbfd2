"""Lines that people make by hand bear taxes as billed lines do. Today is 10 March 2026 in Manila."""
from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from ispbill.billing.invoices.models import InvoiceLineTax
from ispbill.billing.notes.service import NewLine
from ispbill.billing.proformas import queries
from ispbill.billing.proformas import service as proformas
from ispbill.billing.taxes import service as exemptions
from ispbill.billing.taxes.service import ExemptionFacts
from ispbill.catalogue.models import TaxRate
from ispbill.catalogue.taxes import service as taxes
from ispbill.catalogue.taxes.policy import TaxComponent
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from tests.make import corrections, offers, people
from tests.make.corrections import findings, loaded


@pytest.fixture
def customer_id(tenant: TenantRef) -> int:
    """A customer."""
    with unit_of_work():
        return people.register_customer().id


@pytest.fixture
def compound(tenant: TenantRef) -> int:
    """A levy of 10 % and, on both, a VAT of 12 %, added to prices from today on."""
    with unit_of_work():
        tax = offers.tax("12", mode="exclusive")
        parts = (TaxComponent("Levy", rate_percent=Decimal(10), raises_next=True),
                 TaxComponent("VAT", rate_percent=Decimal(12)))
        return taxes.begin_version(tax, components=parts, valid_from=current.today()).id


def test_a_debit_note_bears_every_part_of_a_tax(customer_id: int, compound: int) -> None:
    note = corrections.debited(customer_id, 10_000, tax_rate_id=compound)
    assert (note.net_minor, note.tax_minor, note.total_minor) == (10_000, 1_000 + 1_320, 12_320)
    with unit_of_work():
        parts = db.session.execute(
            select(InvoiceLineTax.name, InvoiceLineTax.base_minor, InvoiceLineTax.tax_minor).order_by(InvoiceLineTax.id)
        ).all()
    assert [tuple(part) for part in parts] == [("Levy", 10_000, 1_000), ("VAT", 11_000, 1_320)]
    back = corrections.credited(note.id)
    assert back.total_minor == -12_320 and findings() == {}


def test_who_is_exempt_is_charged_by_hand_without_the_tax_in_the_price(customer_id: int) -> None:
    with unit_of_work():
        tax_id = offers.tax("12").id
        exemptions.exempt(db.session.get_one(Customer, customer_id), facts=ExemptionFacts("School", current.today()))
    note = corrections.debited(customer_id, 11_200, tax_rate_id=tax_id)
    assert (note.net_minor, note.tax_minor) == (10_000, 0) and "School" in loaded(note.id).lines[0].arithmetic
    with unit_of_work():
        made = proformas.issue(customer_id, [NewLine("Cable", 11_200, tax_rate_id=tax_id)])
        assert (made.total_minor, made.taxes[0]["exemption"]) == (10_000, "School")


def test_a_proforma_is_rounded_as_its_invoice_is(customer_id: int, compound: int) -> None:
    with unit_of_work():
        company.change_terms(BillingTerms(15, True, "", tax_rounding="document", cash_step_minor=100))
        lines = [NewLine("Cable", 1_555, tax_rate_id=compound), NewLine("Connector", 1_555, tax_rate_id=compound)]
        made = proformas.issue(customer_id, lines)
        assert made.total_minor == 3_800 and made.lines[-1]["description"] == "Rounding"
    with unit_of_work():
        found = queries.detail(made.id)
        assert found is not None
        issued = proformas.invoice(found)
    invoice = loaded(issued.id)
    assert (invoice.total_minor, len(invoice.lines)) == (3_800, 3) and findings() == {}


def test_the_rate_of_today_holds_for_a_tax_that_changes_today(customer_id: int) -> None:
    with unit_of_work():
        tax = db.session.get_one(TaxRate, offers.tax("12", mode="exclusive").id)
        taxes.begin_version(tax, components=(TaxComponent("VAT", rate_percent=Decimal(15)),),
                            valid_from=current.today())
    assert corrections.debited(customer_id, 10_000, tax_rate_id=tax.id).tax_minor == 1_500
