"""Who PostgreSQL runs as. What only root can try is skipped for others."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import psycopg
import pytest

from ispbill.embedded import confinement, services
from ispbill.embedded.home import EmbeddedError, Home
from ispbill.embedded.postgres import Postgres

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@only_root
def test_root_without_user_namespaces_runs_postgres_as_nobody(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confinement, "user_namespaces_work", lambda: False)
    with services.running(home, fast=True) as urls:
        with psycopg.connect(urls.database_url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        (pid,) = (state.pid for state in services.status(home) if state.name == "PostgreSQL")
        assert Path(f"/proc/{pid}").stat().st_uid == confinement.NOBODY
    outside = confinement.outside_folder(Home.at(home))
    assert outside.exists()
    services.erase(home)
    assert not outside.exists()


@only_root
def test_data_of_a_user_namespace_is_not_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (Home.at(home).path / "postgres").mkdir()
    monkeypatch.setattr(confinement, "user_namespaces_work", lambda: False)
    with pytest.raises(EmbeddedError, match="user namespace"):
        services.ensure(home)
    monkeypatch.undo()


@only_root
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(EmbeddedError, match="another user"):
        services.ensure(tmp_path)


def test_a_user_without_passwd_entry_is_told_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_known(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", nobody_known)
    with pytest.raises(EmbeddedError, match="no entry in /etc/passwd"):
        services.ensure(home)
    monkeypatch.undo()


def test_a_lost_password_is_named_and_not_replaced(home: Path) -> None:
    Postgres(Home.at(home)).data.mkdir()
    with pytest.raises(EmbeddedError, match="password"):
        services.ensure(home)
    assert not (home / "secrets" / "postgres_password").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match="cannot be made"):
        services.ensure(tmp_path / "file" / "home")
