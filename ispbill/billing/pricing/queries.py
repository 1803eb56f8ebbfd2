"""What applies to the customers of a chunk beside their prices, read in a constant number of statements."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from ispbill.billing.discounts import queries as discounts
from ispbill.billing.lines.policy import Tax
from ispbill.billing.pricing.policy import Pricing, Rules, TaxPoint
from ispbill.billing.taxes import queries as exemptions
from ispbill.billing.taxes.policy import Rounding
from ispbill.catalogue.taxes import queries as catalogue
from ispbill.catalogue.taxes.policy import ComponentKind, TaxVersion, headline, version_on
from ispbill.company import queries as company


def rules() -> Rules:
    """How this company finds what is owed."""
    settings = company.settings()
    return Rules(settings.tax_rounding, settings.tax_point, settings.cash_step_minor)


def taxes_since(day: date, *, on: date) -> dict[int, Tax]:
    """All taxes by id as they may apply to what is billed on a day, for periods that begin on another or later."""
    decided_on = on if rules().tax_point == TaxPoint.ISSUE else None
    return {key: _in_force(tax, day, decided_on) for key, tax in catalogue.everything().items()}


def pricing_of(customer_ids: Collection[int], *, on: date, taxes: Mapping[int, Tax]) -> dict[int, Pricing]:
    """What applies to each customer."""
    known = rules()
    granted = discounts.grants_of(customer_ids, on=on)
    exempt = exemptions.exemptions_of(customer_ids, on=on)
    special = {
        key: Pricing(known, granted.get(key, ()), exempt.get(key, ()), is_plain=False) for key in {*granted, *exempt}
    }
    return dict.fromkeys(customer_ids, usual_pricing(taxes)) | special


def usual_pricing(taxes: Mapping[int, Tax]) -> Pricing:
    """What applies to whoever has neither a discount nor an exemption."""
    known = rules()
    return Pricing(known, is_plain=known.rounding == Rounding.LINE and not any(tax.versions for tax in taxes.values()))


def _in_force(tax: catalogue.Tax, day: date, decided_on: date | None) -> Tax:
    """A tax without the versions that nothing can meet any more; one percentage where nothing else is left."""
    versions = tax.versions
    if decided_on is not None:
        versions = (TaxVersion(versions[0].valid_from, version_on(versions, decided_on)),)
    kept = tuple(
        version for version, following in zip(versions, (*versions[1:], None), strict=True)
        if following is None or following.valid_from > day
    )
    parts = kept[0].components
    if len(kept) == 1 and kept[0].valid_from <= day and len(parts) == 1 and parts[0].kind == ComponentKind.PERCENT:
        return Tax(tax.id, parts[0].name, parts[0].rate_percent, parts[0].is_inclusive)
    figure = headline(parts)
    return Tax(tax.id, tax.name, figure.rate_percent, figure.is_inclusive, kept)
