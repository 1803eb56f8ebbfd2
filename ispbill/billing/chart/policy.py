"""What an account may be called, and what accounts that postings depend on may not lose."""
from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

_CODE = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,19}")
_LONGEST_NAME = 120


class AccountKind(StrEnum):
    """Where an account stands in the statements."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account as the chart is to name it."""

    code: str
    name: str
    kind: str


def checked(facts: AccountFacts) -> AccountFacts:
    """The facts, tidied. Raises Invalid for a code, name or kind that cannot be."""
    code, name = facts.code.strip().upper(), facts.name.strip()
    if not _CODE.fullmatch(code):
        raise Invalid(_("A code has 1 to 20 letters, digits, dots or dashes, such as 6200."), field="code")
    if not name or len(name) > _LONGEST_NAME:
        raise Invalid(_("A name has 1 to %(longest_name)s characters.", longest_name=_LONGEST_NAME), field="name")
    if facts.kind not in list(AccountKind):
        raise Invalid(_("Choose what kind of account it is."), field="kind")
    return AccountFacts(code=code, name=name, kind=facts.kind)
