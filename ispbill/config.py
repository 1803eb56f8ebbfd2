"""Settings from the environment, typed and checked at start. Nothing else reads os.environ."""
from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from flask import current_app

from ispbill.core.crypto import derive
from ispbill.core.current import current

PROJECT_ROOT = Path(__file__).resolve().parents[1]


class ConfigError(Exception):
    """A setting is missing or malformed; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process needs to know about its surroundings."""

    home: Path
    secret_key: str
    admin_url: str
    app_url: str
    platform_url: str
    owner_url: str
    redis_url: str
    domain: str = "localhost"
    scheme: str = "http"
    port: int = 8000
    smtp_url: str | None = None
    sms_url: str = "https://api.twilio.com"
    spare_tenants: int = 3
    testing: bool = False
    demo: bool = False

    @staticmethod
    def engine_url(url: str) -> str:
        """A PostgreSQL URL in SQLAlchemy's spelling, with the psycopg driver."""
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def database_name(self) -> str:
        """The database all tenants of this node live in."""
        return urlsplit(self.admin_url).path.lstrip("/")

    def login(self, kind: str) -> str:
        """The PostgreSQL login of a kind: `app`, `platform` or `owner`; its name carries the database's.

        Roles belong to a whole server, and several installations may share one.
        """
        return f"{self.database_name}_{kind}"

    def password(self, kind: str) -> str:
        """The login's password, derived from the installation's key."""
        return derive(self.secret_key, f"postgresql login {kind}")[:40]

    def tenant_url(self, subdomain: str) -> str:
        """The address a person types to reach a tenant."""
        default_port = {"http": 80, "https": 443}[self.scheme]
        port = "" if self.port == default_port else f":{self.port}"
        return f"{self.scheme}://{subdomain}.{self.domain}{port}"


def settings() -> Settings:
    """Those of the running application."""
    those: Settings = current_app.config["ISPBILL"]
    return those


def site() -> str:
    """The address of the bound company, without a slash at its end."""
    return settings().tenant_url(current.tenant.subdomain)


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises ConfigError naming the variable that is missing or wrong."""
    home = Path(environ.get("ISPBILL_HOME", "var")).resolve()
    admin_url = _required(environ, "ISPBILL_DATABASE_URL")
    secret_key = environ.get("ISPBILL_SECRET_KEY") or _secret_from(home)
    draft = Settings(
        home=home, secret_key=secret_key, admin_url=admin_url, app_url="", platform_url="", owner_url="",
        redis_url=_required(environ, "ISPBILL_REDIS_URL"),
        domain=environ.get("ISPBILL_DOMAIN", "localhost").lower(),
        scheme=_one_of(environ, "ISPBILL_SCHEME", ("http", "https")),
        port=_number(environ, "ISPBILL_PORT", 8000), smtp_url=environ.get("ISPBILL_SMTP_URL") or None,
        sms_url=(environ.get("ISPBILL_SMS_URL") or "https://api.twilio.com").rstrip("/"),
        spare_tenants=_number(environ, "ISPBILL_SPARE_TENANTS", 3),
        testing=environ.get("ISPBILL_TESTING") == "1", demo=environ.get("ISPBILL_DEMO") == "1",
    )
    return with_logins(draft, environ)


def with_logins(draft: Settings, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings with the URLs of the three logins, given by the environment or derived from the administrator's."""
    given = environ or {}
    urls = {
        f"{kind}_url": given.get(f"ISPBILL_{kind.upper()}_DATABASE_URL") or _login_url(draft, kind)
        for kind in ("app", "platform", "owner")
    }
    values = {name: getattr(draft, name) for name in draft.__slots__}
    return Settings(**{**values, **urls})


def _login_url(draft: Settings, kind: str) -> str:
    parts = urlsplit(draft.admin_url)
    server = parts.netloc.rpartition("@")[2]
    user = f"{quote(draft.login(kind))}:{quote(draft.password(kind))}"
    return urlunsplit(parts._replace(netloc=f"{user}@{server}"))


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name)
    if not value:
        raise ConfigError(f"{name} is not set. Start through ./scripts/ispbill, or set it to the server's URL.")
    return value


def _secret_from(home: Path) -> str:
    path = home / "secrets" / "secret_key"
    if not path.is_file():
        raise ConfigError(f"ISPBILL_SECRET_KEY is not set and {path} does not exist.")
    return path.read_text().strip()


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isdigit():
        raise ConfigError(f"{name} must be a whole number, not “{value}”.")
    return int(value)


def _one_of(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = environ.get(name, choices[0])
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}, not “{value}”.")
    return value
