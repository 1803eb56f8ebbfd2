"""The pages of accounts, gathered: importing a part's views puts them on the blueprint."""
from __future__ import annotations

from ispbill.accounts.blueprint import blueprint
from ispbill.accounts.passwords import views as passwords
from ispbill.accounts.roles import views as roles
from ispbill.accounts.second_factors import views as second_factors
from ispbill.accounts.sessions import views as sessions
from ispbill.accounts.tokens import views as tokens
from ispbill.accounts.users import views as users

__all__ = ["blueprint", "passwords", "roles", "second_factors", "sessions", "tokens", "users"]
