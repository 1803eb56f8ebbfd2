"""Whom the lines of a file name: by account number, or by the customer's number in the former system."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from ispbill.core.i18n import gettext as _
from ispbill.core.tables import Row
from ispbill.customers import queries
from ispbill.customers.models import Customer

BY_NUMBER, BY_REFERENCE = "account_number", "external_reference"
Known = Mapping[tuple[str, str], Customer]
"""Customers by each of the two columns and what stands there."""


def known_by(numbers: Sequence[str], references: Sequence[str]) -> Known:
    """The customers whom lines with these values can mean."""
    found = queries.having(numbers, references)
    return {
        **{(BY_NUMBER, customer.account_number): customer for customer in found},
        **{(BY_REFERENCE, customer.external_reference): customer for customer in found if customer.external_reference},
    }


def named_in(rows: Sequence[Row]) -> Known:
    """The customers whom lines can mean."""
    return known_by([row.text(BY_NUMBER).upper() for row in rows], [row.text(BY_REFERENCE) for row in rows])


def named_by(row: Row, known: Known) -> Customer | None:
    """Whom a line is about; the reason is noted at the line where that is nobody, or not one."""
    reference, column = row.text(BY_REFERENCE), naming_column(row)
    value = row.text(BY_NUMBER).upper() or reference
    customer = known.get((column, value))
    if not value:
        row.refuse(column, _("Nothing stands here."), _("An account number or an external reference."))
    elif customer is None:
        row.refuse(column, _("There is no such customer."), _("Bring the customers in first."))
    elif customer.merged_into_id is not None:
        row.refuse(column, _("This customer was merged into another one."), _("Use that one's number."))
    else:
        refuse_of_another(row, reference, number=customer.account_number, known=known)
    return customer


def naming_column(row: Row) -> str:
    """The column by which a line names its customer: the account number counts where both are filled, or neither."""
    return BY_REFERENCE if row.text(BY_REFERENCE) and not row.text(BY_NUMBER) else BY_NUMBER


def refuse_of_another(row: Row, reference: str, *, number: str, known: Known) -> None:
    """Note at a line of the customer with that number where the reference is somebody else's."""
    owner = known.get((BY_REFERENCE, reference))
    if owner is not None and owner.account_number != number:
        row.refuse(BY_REFERENCE, _("%(account_number)s has this reference.", account_number=owner.account_number),
                   _("One of the two, or both of one customer."))
