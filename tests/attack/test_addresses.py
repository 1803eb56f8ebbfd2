"""Whatever stands behind the question mark of an address, a page answers: with less, or with what is wrong about it.

Every argument that a page asks for has the same strange value, so that no argument needs to be named here.
"""
from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import ImmutableMultiDict

from ispbill.web.requests import IspbillFlask
from tests.attack.victims import Attacker, Pair

pytestmark = pytest.mark.attack
_STRANGE = ["\x00", "9999-12-31", "0001-01-01", "9" * 25, "٣"]


def always(value: str) -> type[ImmutableMultiDict[str, str]]:
    """A dictionary of arguments in which every one of them is there, and has this value."""

    class Always(ImmutableMultiDict[str, str]):
        def __getitem__(self, key: Any) -> str:
            return value

        def __contains__(self, key: Any) -> bool:
            return True

    return Always


@pytest.mark.parametrize("value", _STRANGE)
def test_a_page_answers_to_strange_arguments(
    app: IspbillFlask, pair: Pair, attacker: Attacker, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [target for target in pair.targets() if target.method == "GET" and not target.has_keys]
    attacker.stay_signed_in()
    monkeypatch.setattr(app.request_class, "parameter_storage_class", always(value))
    broken = {}
    for page in pages:
        try:
            if attacker.browser.get(pair.address(page, {}, link="none")).status_code >= 500:
                broken[str(page)] = "answers 500"
        except Exception as error:  # noqa: BLE001 - the test client raises what a server would answer with 500
            broken[str(page)] = repr(error)
    assert broken == {}
