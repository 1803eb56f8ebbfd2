"""Which time zones and currencies a company may have."""
from __future__ import annotations

import pytest

from ispbill.company.home import policy
from ispbill.core.errors import Invalid


@pytest.mark.parametrize("zone", ["Asia/Manila", "America/New_York", "UTC"])
def test_iana_zones_are_known(zone: str) -> None:
    assert policy.timezone(zone) == zone


@pytest.mark.parametrize("zone", ["", "Manila", "asia/manila", "../etc/passwd", "GMT+25", "Factory "])
def test_other_zones_are_refused(zone: str) -> None:
    with pytest.raises(Invalid, match="time zone"):
        policy.timezone(zone)


@pytest.mark.parametrize(("typed", "code"), [("PHP", "PHP"), ("usd", "USD"), ("KWD", "KWD"), ("JPY", "JPY")])
def test_currencies_in_use_are_known(typed: str, code: str) -> None:
    assert policy.currency(typed) == code


@pytest.mark.parametrize("code", ["", "PESO", "DEM", "XXX", "ZZZ", "₱"])
def test_other_currencies_are_refused(code: str) -> None:
    with pytest.raises(Invalid, match="currency"):
        policy.currency(code)
