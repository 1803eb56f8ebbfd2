"""Verbs of taxes. A version is never edited: another begins on a day, and issued documents keep theirs."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ispbill.catalogue.models import TaxMode, TaxRate
from ispbill.catalogue.taxes import queries
from ispbill.catalogue.taxes.models import TaxRatePart, TaxRateVersion
from ispbill.catalogue.taxes.policy import TaxComponent, checked_components, headline, tax_name, tax_percent
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _

# The first version of a tax holds for every day that can be billed.
SINCE_EVER = date(1900, 1, 1)


def add(name: str, *, rate_percent: str, mode: str) -> TaxRate:
    """Add a tax of one rate. Raises Invalid. More parts, or another rate, come by a version from a day on."""
    if mode not in list(TaxMode):
        raise Invalid(_("Prices contain the tax (inclusive), or it is added (exclusive)."), field="mode")
    known = tax_name(name)
    only = TaxComponent(known, rate_percent=tax_percent(rate_percent), is_inclusive=mode == TaxMode.INCLUSIVE)
    tax = TaxRate(name=known, rate_percent=only.rate_percent, mode=mode, is_active=True)
    db.session.add(tax)
    db.session.flush()
    _write(tax, SINCE_EVER, (only,))
    return tax


def begin_version(tax: TaxRate, *, components: Sequence[TaxComponent], valid_from: date) -> TaxRate:
    """Let a tax consist of other parts from a day on, today or later; what is billed before keeps the old ones.

    Raises Invalid, or Conflict (from the database) for a second version from the same day.
    """
    if valid_from < current.today():
        raise Invalid(_("A tax changes today or later: bills of days before are written already."), field="valid_from")
    known = checked_components(components)
    newest = queries.versions_of(tax.id)[-1]
    if valid_from < newest.valid_from:
        raise Invalid(_("There is a version from %(valid_from)s already. Begin after it.",
                        valid_from=newest.valid_from), field="valid_from")
    _write(tax, valid_from, known)
    figure = headline(known)
    tax.rate_percent, tax.mode = figure.rate_percent, queries.mode_of(is_inclusive=figure.is_inclusive)
    db.session.flush()
    return tax


def rename(tax: TaxRate, *, name: str) -> TaxRate:
    """Call a tax otherwise in lists; documents print the names of its parts, issued ones as they were."""
    tax.name = tax_name(name)
    db.session.flush()
    return tax


def make_usual(tax_rate_id: int | None) -> TaxRate | None:
    """Preselect a tax on the lines that people write by hand; None: they begin without a tax.

    Raises Invalid for one that is not in use.
    """
    tax = queries.get(tax_rate_id) if tax_rate_id else None
    if tax_rate_id and (tax is None or not tax.is_active):
        raise Invalid(_("Choose one of the taxes in use."), field="tax_rate_id")
    former = queries.usual()
    if former is not None and former is not tax:
        former.is_usual = False
        # Before the next one is it: the database allows one at a time.
        db.session.flush()
    if tax is not None:
        tax.is_usual = True
    db.session.flush()
    return tax


def retire(tax: TaxRate) -> TaxRate:
    """Offer a tax no longer for plans; plans that have it keep it.

    Raises Conflict when it is retired already, or is what lines written by hand bear: they would silently bear none.
    """
    if not tax.is_active:
        raise Conflict(_("%(name)s is retired already.", name=tax.name))
    _refuse_usual(tax)
    tax.is_active = False
    db.session.flush()
    return tax


def activate(tax: TaxRate) -> TaxRate:
    """Offer a retired tax again. Raises Conflict when it is offered."""
    if tax.is_active:
        raise Conflict(_("%(name)s is in use already.", name=tax.name))
    tax.is_active = True
    db.session.flush()
    return tax


def remove(tax: TaxRate) -> TaxRate:
    """Take away a tax nothing was ever sold with; the database refuses where something was.

    Raises Conflict for the one that lines written by hand bear.
    """
    _refuse_usual(tax)
    db.session.delete(tax)
    db.session.flush()
    return tax


def _refuse_usual(tax: TaxRate) -> None:
    if tax.is_usual:
        raise Conflict(_("Lines written by hand bear %(name)s. Choose another tax for them in the settings first.",
                         name=tax.name))


def _write(tax: TaxRate, valid_from: date, components: Sequence[TaxComponent]) -> None:
    version = TaxRateVersion(tax_rate_id=tax.id, valid_from=valid_from)
    db.session.add(version)
    db.session.flush()
    db.session.add_all([
        TaxRatePart(version_id=version.id, position=position, **part._asdict())
        for position, part in enumerate(components, start=1)
    ])
    db.session.flush()
