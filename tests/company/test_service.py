"""The company's verbs on a real database: one first identity, numbers without gaps."""
from __future__ import annotations

import pytest
from sqlalchemy import func, select

from ispbill.company import service as company
from ispbill.company.models import CompanyIdentity, SeriesKind
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work


def test_a_company_is_adopted_once(tenant: TenantRef) -> None:
    for name in (tenant.name, "Another name"):
        with unit_of_work():
            company.adopt(name)
    with unit_of_work():
        assert company.identity().legal_name == tenant.name
        assert db.session.scalar(select(func.count()).select_from(CompanyIdentity)) == 1


def test_a_company_starts_with_settings(tenant: TenantRef) -> None:
    with unit_of_work():
        assert company.settings().due_days == 15


def test_numbers_follow_each_other_in_blocks(tenant: TenantRef) -> None:
    with unit_of_work():
        first = company.take_numbers(SeriesKind.INVOICE, 3)
    with unit_of_work():
        second = company.take_numbers(SeriesKind.INVOICE, 1)
    assert [first.text(i) for i in range(3)] == ["INV-000001", "INV-000002", "INV-000003"]
    assert second.text(0) == "INV-000004"


def test_a_number_that_was_not_used_is_taken_again(tenant: TenantRef) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        company.take_numbers(SeriesKind.RECEIPT, 5)
        raise RuntimeError("the document was not written")
    with unit_of_work():
        assert company.take_numbers(SeriesKind.RECEIPT, 1).text(0) == "CR-000001"
