"""Verbs of the company: adopt it, change its settings; its numbers are taken by `numbers`."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy import select

from ispbill.audit import service as audit
from ispbill.company.models import CompanyIdentity, CompanySettings
from ispbill.company.numbers.service import take_numbers
from ispbill.company.policy import (
    BillingTerms,
    Identity,
    MapTiles,
    Wording,
    checked_identity,
    checked_terms,
    checked_tiles,
    checked_wording,
)
from ispbill.company.queries import identity, newest_identity, settings
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.formats import locales_of, short_date
from ispbill.core.i18n import gettext as _
from ispbill.tenancy import registry

__all__ = [
    "adopt", "change_cash_rules", "change_identity", "change_locale", "change_map", "change_terms", "change_wording",
    "hide_first_steps", "identity", "require_open", "settings", "take_numbers",
]


def adopt(name: str) -> CompanyIdentity:
    """Give a new-born tenant its first legal identity; a company that has one keeps it."""
    db.session.execute(select(CompanySettings.id).with_for_update())
    known = newest_identity()
    if known is not None:
        return known
    first = CompanyIdentity(legal_name=name, created_at=current.now())
    db.session.add(first)
    db.session.flush()
    return first


def require_open(day: date, *, field: str | None = None) -> None:
    """Raises Conflict where the books of a local day are closed: whatever would change them is dated later."""
    # Today is never closed, so what happens now need not ask.
    line = settings().books_closed_until if day < current.today() else None
    if line is not None and day < line:
        last_closed = line - timedelta(days=1)
        raise Conflict(_("The books are closed to %(last_closed)s. Use a later day, or have them opened again.",
                         last_closed=short_date(last_closed)),
                       field=field)


def change_identity(new: Identity) -> CompanyIdentity:
    """Name the seller differently from now on; issued documents keep the identity they were issued under.

    Raises Invalid. Nothing happens where nothing differs.
    """
    wanted, present = asdict(checked_identity(new)), newest_identity()
    if present is not None and all(getattr(present, name) == value for name, value in wanted.items()):
        return present
    row = CompanyIdentity(**wanted, created_at=current.now())
    db.session.add(row)
    db.session.flush()
    return row


def change_terms(terms: BillingTerms) -> CompanySettings:
    """Change when invoices are due, whether they issue by themselves and what they say. Raises Invalid."""
    return _store(asdict(checked_terms(terms)))


def change_wording(wording: Wording) -> CompanySettings:
    """Change the colour and the names of the area levels. Raises Invalid."""
    return _store(asdict(checked_wording(wording)))


def change_map(tiles: MapTiles) -> CompanySettings:
    """Change where the pictures under the network map come from. Raises Invalid."""
    return _store(asdict(checked_tiles(tiles)))


def change_locale(locale: str) -> str:
    """Speak another language in this company. Raises Invalid for one that is not offered."""
    before = current.tenant.locale
    if locale not in locales_of(current.tenant.timezone):
        raise Invalid(_("Choose one of the list."), field="locale")
    registry.change_locale(current.tenant, locale)
    audit.note("changed", entity="company_settings", label=current.tenant.name,
               before={"locale": before}, after={"locale": locale})
    return locale


def change_cash_rules(*, cash_needs_drawer: bool, cash_signed_alone: bool) -> CompanySettings:
    """Change who may take cash, and whether one person may sign for both sides of a hand-over."""
    return _store({"cash_needs_drawer": cash_needs_drawer, "cash_signed_alone": cash_signed_alone})


def hide_first_steps() -> CompanySettings:
    """Stop showing the first steps on the dashboard; they keep their page."""
    return _store({"first_steps_hidden_at": current.now()})


def _store(values: Mapping[str, object]) -> CompanySettings:
    row = settings()
    for name, value in values.items():
        setattr(row, name, value)
    db.session.flush()
    return row
