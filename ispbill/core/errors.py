"""Errors a user can be told about. Each carries its HTTP status and a sentence; raise these, never bare ValueError."""
from __future__ import annotations

from collections.abc import Mapping

from ispbill.core.i18n import lazy


class DomainError(Exception):
    """A request that cannot be carried out; the message is shown to the user as it is."""

    status = 400
    title = lazy("This could not be done")

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    @property
    def flaws(self) -> list[dict[str, str]]:
        """What is wrong with which field."""
        return [{"field": self.field, "message": self.message}] if self.field else []


class Invalid(DomainError):
    """A value breaks a rule; `field` names the input it belongs to."""

    status = 422
    title = lazy("Please check what you entered")


class InvalidRows(Invalid):
    """Some rows of the list called `name` break a rule: the refusal of each, by its place."""

    def __init__(self, message: str, name: str, refusals: Mapping[int, DomainError]) -> None:
        super().__init__(message)
        self._rows = [(f"{name}.{place}.{refusal.field}", refusal.message) for place, refusal in refusals.items()]

    @property
    def flaws(self) -> list[dict[str, str]]:
        """What is wrong in each row, by a path such as records.3.quantity."""
        return [{"field": path, "message": message} for path, message in self._rows]


class NotFound(DomainError):
    """No such thing for this tenant; another tenant's ids end here too."""

    status = 404
    title = lazy("Not found")


class Forbidden(DomainError):
    """The actor lacks the permission."""

    status = 403
    title = lazy("Not allowed")


class Conflict(DomainError):
    """The thing exists already or is in a state that does not permit the change."""

    status = 409
    title = lazy("Not possible as things stand")


class Unauthenticated(DomainError):
    """Nobody is signed in, or the token is not valid here."""

    status = 401
    title = lazy("Sign in first")


class SecondFactorMissing(Forbidden):
    """Whoever is signed in must set up two-factor sign-in before they may go on."""

    title = lazy("Set up two-factor sign-in first")


class TenantUnknown(NotFound):
    """No company lives at this address."""

    title = lazy("No company at this address")


class TrialOver(DomainError):
    """The company's trial has ended."""

    status = 402
    title = lazy("The trial has ended")


class TenantSuspended(DomainError):
    """The platform suspended the company."""

    status = 403
    title = lazy("This company's access is suspended")


class TenantGone(DomainError):
    """The company has been closed."""

    status = 410
    title = lazy("This company has left")


class RegistryUnavailable(DomainError):
    """The tenant registry cannot be read: refuse rather than guess."""

    status = 503
    title = lazy("Temporarily unavailable")


class TenantNotBound(RuntimeError):
    """Tenant data was asked for outside of any tenant: a fault in the program, never shown as data."""


class TenantSwitched(RuntimeError):
    """The tenant changed inside an open transaction: a fault in the program, refused."""
