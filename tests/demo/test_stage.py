"""What a home remembers of its demo, so that a stopped start goes on and another wish is refused."""
from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ispbill.core.errors import Conflict, Invalid
from ispbill.demo import stage
from ispbill.demo.population import Span
from ispbill.demo.stage import Stage, Wish
from ispbill.embedded.home import Home

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home.at(tmp_path / "home")


def test_the_days_are_whole_months_and_the_company_s_own_today() -> None:
    begun = Stage(began_at=NOW, months=4)
    assert begun.span("Asia/Manila") == Span(date(2026, 7, 1), date(2026, 11, 21))
    assert begun.span("America/Chicago") == Span(date(2026, 7, 1), date(2026, 11, 20))


def test_months_reach_back_over_the_turn_of_the_year() -> None:
    assert Stage(began_at=datetime(2026, 2, 3, tzinfo=UTC), months=4).span("UTC").first_on == date(2025, 10, 1)


def test_a_home_remembers_its_stage(home: Home, tmp_path: Path) -> None:
    assert stage.kept(home) is None
    file = tmp_path / "people.csv"
    file.write_text("customerID\n")
    begun = stage.begin(home, Wish(months=2, customers=file), now=NOW)
    assert stage.kept(home) == begun and begun.customers == file


def test_another_wish_than_the_home_s_is_refused_with_what_to_do(home: Home, tmp_path: Path) -> None:
    begun = stage.begin(home, Wish(), now=NOW)
    stage.check_wish(begun, Wish())
    stage.check_wish(begun, Wish(months=stage.DEFAULT_MONTHS))
    file = tmp_path / "people.csv"
    file.write_text("customerID\n")
    for wish in (Wish(months=2), Wish(customers=file)):
        with pytest.raises(Conflict, match="--fresh"):
            stage.check_wish(begun, wish)


@pytest.mark.parametrize("wish", [Wish(months=0), Wish(months=12), Wish(customers=Path("no such file.csv"))])
def test_what_cannot_be_played_is_refused_before_anything_is_kept(home: Home, wish: Wish) -> None:
    with pytest.raises(Invalid):
        stage.begin(home, wish, now=NOW)
    assert stage.kept(home) is None


def test_the_password_is_made_once_for_each_home_and_nobody_else_can_read_it(home: Home, tmp_path: Path) -> None:
    password = stage.password(home)
    assert stage.password(home) == password != stage.password(Home.at(tmp_path / "other"))
    assert len(password) == 14 and (home.secrets / "demo_password").stat().st_mode & 0o077 == 0
    stage.forget(home)
    assert stage.password(home) != password
