"""How the log calls a record and its kind."""
from __future__ import annotations

import pytest

from ispbill.audit.policy import english_label, label_of


@pytest.mark.parametrize(("values", "label"), [
    ({"number": "TKT-1", "subject": "No light", "description": "Since noon"}, "TKT-1 · No light"),
    ({"kind": "late_fee", "description": "Late fee: INV-1"}, "Late fee: INV-1"),
    ({"name": "Fiber", "code": "F-1", "description": "Fast"}, "F-1 · Fiber"), ({"kind": "invoice"}, "invoice"),
    ({"status": "planned", "address": "12 Mabini St, Bacolod"}, "12 Mabini St, Bacolod"),
    ({}, ""),
])
def test_a_record_is_called_by_its_number_and_the_first_name_it_has(values: dict[str, object], label: str) -> None:
    assert label_of(values) == label


@pytest.mark.parametrize(("name", "label"), [("nap_port", "NAP port"), ("api_token", "API token"), ("lcp", "LCP"),
                                             ("napkin", "Napkin"), ("billing_run", "Billing run")])
def test_acronyms_are_written_as_such(name: str, label: str) -> None:
    assert english_label(name) == label
