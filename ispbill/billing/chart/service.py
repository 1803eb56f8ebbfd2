"""Verbs of the chart of accounts. An account that was posted to stays for ever; a purpose is never taken away."""
from __future__ import annotations

from ispbill.billing.chart.policy import AccountFacts, checked
from ispbill.billing.ledger.models import LedgerAccount
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _


def add(facts: AccountFacts) -> LedgerAccount:
    """Add an account for journal vouchers. Raises Invalid; the database refuses a code that is taken."""
    known = checked(facts)
    account = LedgerAccount(code=known.code, name=known.name, kind=known.kind, purpose=None, is_active=True)
    db.session.add(account)
    db.session.flush()
    return account


def change(account: LedgerAccount, *, code: str, name: str) -> LedgerAccount:
    """Give an account another code or name; its kind is final, for statements of the past depend on it.

    Raises Invalid; the database refuses a code that is taken.
    """
    known = checked(AccountFacts(code=code, name=name, kind=account.kind))
    account.code, account.name = known.code, known.name
    db.session.flush()
    return account


def deactivate(account: LedgerAccount) -> LedgerAccount:
    """Offer an account no longer; its postings stay. Raises Conflict where bills and payments are posted to it."""
    if account.purpose is not None:
        raise Conflict(_("%(name)s is posted to by the system, so it stays. Rename it if you like.", name=account.name))
    if not account.is_active:
        raise Conflict(_("%(name)s is deactivated already.", name=account.name))
    account.is_active = False
    db.session.flush()
    return account


def activate(account: LedgerAccount) -> LedgerAccount:
    """Offer a deactivated account again. Raises Conflict where it is active."""
    if account.is_active:
        raise Conflict(_("%(name)s is active.", name=account.name))
    account.is_active = True
    db.session.flush()
    return account
