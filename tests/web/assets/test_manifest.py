"""Addresses of built files carry their content's hash; what was not built is said plainly."""
from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from ispbill.web.assets import manifest


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "manifest.json").write_text('{"inputs": "x", "files": {"app.css": "abc123"}}', "utf-8")
    monkeypatch.setattr(manifest, "DIST", tmp_path)
    return tmp_path


def _asset(name: str) -> str:
    app = Flask("small")
    manifest.register(app)
    return str(app.jinja_env.globals["asset"](name))  # type: ignore[operator]


def test_an_address_carries_the_hash_of_the_content(built: Path) -> None:
    assert _asset("app.css") == "/static/dist/app.css?v=abc123"


def test_an_unknown_name_is_refused(built: Path) -> None:
    with pytest.raises(manifest.AssetsMissing, match="other.css"):
        _asset("other.css")


def test_without_a_build_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "DIST", tmp_path / "nowhere")
    with pytest.raises(manifest.AssetsMissing, match=r"ispbill\.web\.assets\.build"):
        _asset("app.css")
