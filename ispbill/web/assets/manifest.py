"""The addresses of built assets. Each carries the hash of its content, so browsers may keep it for ever."""
from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

DIST = Path(__file__).resolve().parent.parent / "static" / "dist"


class AssetsMissing(RuntimeError):
    """The assets were not built on this machine, or a name is asked for that no build makes."""


def register(app: Flask) -> None:
    """Give templates `asset(name)`, the address of a built file below the app's static folder."""
    known: dict[str, str] = {}

    def asset(name: str) -> str:
        if not known or app.debug:
            known.update(read_versions(DIST))
        if name not in known:
            raise AssetsMissing(f"No asset is called {name}.")
        return f"{app.static_url_path}/dist/{name}?v={known[name]}"

    app.jinja_env.globals["asset"] = asset


def read_versions(folder: Path) -> dict[str, str]:
    """File name to content hash. Raises AssetsMissing where nothing was built."""
    try:
        return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"])
    except FileNotFoundError:
        raise AssetsMissing("The assets are not built: run python -m ispbill.web.assets.build") from None
