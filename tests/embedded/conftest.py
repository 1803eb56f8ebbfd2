"""Homes that stop their servers at the end. No test may leave a server running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ispbill.embedded import services


@pytest.fixture(autouse=True)
def no_servers_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about embedded servers, also where the suite itself runs against others."""
    without_servers_of_others(monkeypatch)


def without_servers_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget servers that the environment names."""
    monkeypatch.delenv("ISPBILL_DATABASE_URL", raising=False)
    monkeypatch.delenv("ISPBILL_REDIS_URL", raising=False)


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Makes homes by name; their servers and data are gone after the test."""
    made: list[Path] = []

    def make(name: str = "home") -> Path:
        made.append(tmp_path / name)
        return made[-1]

    yield make
    for path in made:
        services.erase(path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home whose servers run durably for all tests of a file that only look at them."""
    path = tmp_path_factory.mktemp("shared")
    with pytest.MonkeyPatch.context() as patch:
        without_servers_of_others(patch)
        services.ensure(path)
    yield path
    services.erase(path)


@pytest.fixture
def home(new_home: Callable[[str], Path]) -> Path:
    """One home, its path with a space in it."""
    return new_home("a home")
