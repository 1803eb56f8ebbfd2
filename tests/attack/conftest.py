"""Two companies whose rows have the same keys, told apart by a word in every text; the victim has some rows more."""
from __future__ import annotations

import pytest

from ispbill.core.current import at
from ispbill.web.limiter import limiter
from ispbill.web.requests import IspbillFlask
from tests.attack.victims import Attacker, Pair, leave_a_gap
from tests.conftest import NOON_IN_MANILA
from tests.make import tenants
from tests.make.companies import furnish


@pytest.fixture(scope="session")
def furnished(app: IspbillFlask) -> Pair:
    """Two companies, furnished once for all tests of a worker."""
    return _furnished(app, victim="qzkanaryaqz", attacker="xwzebraxwzx")


def _furnished(app: IspbillFlask, *, victim: str, attacker: str) -> Pair:
    with app.app_context(), at(NOON_IN_MANILA):
        attacked, attacking = (tenants.open_company(label=label) for label in (victim, attacker))
        pair = Pair(app, furnish(attacked, canary=victim), furnish(attacking, canary=attacker))
        leave_a_gap(attacked)
        furnish(attacked, canary=victim, part=2)
    return pair


@pytest.fixture
def pair(furnished: Pair, context: None, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """The two companies on their day, and no limit of requests between them and the attacker."""
    monkeypatch.setattr(limiter, "enabled", False)
    return furnished


@pytest.fixture
def fresh_pair(app: IspbillFlask, context: None, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Two companies of one test's own, whose rows it may spoil."""
    monkeypatch.setattr(limiter, "enabled", False)
    return _furnished(app, victim="qkgansengqk", attacker="xvmarabouxv")


@pytest.fixture
def attacker(pair: Pair) -> Attacker:
    """The owner of the other company, with all rights there."""
    return Attacker(pair, pair.attacker.browser(), pair.attacker.program())
