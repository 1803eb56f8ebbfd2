"""Who may call a route.

Every route carries exactly one mark; a route without one is refused, whoever calls.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from ispbill.core import permissions
from ispbill.core.current import Actor
from ispbill.core.errors import Forbidden, NotFound, Unauthenticated
from ispbill.core.i18n import gettext as _

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "ispbill_access"


class Access(StrEnum):
    """The kinds of mark."""

    PERMISSION = "permission"
    SIGNED_IN = "signed_in"
    PUBLIC = "public"
    APEX = "apex"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a route asks of its caller; `code` is set for a permission only."""

    access: Access
    code: str | None = None


def requires(code: str) -> Callable[[View], View]:
    """On a tenant's site, for actors with this permission."""
    assert code in permissions.ALL, f"{code} is not in the vocabulary"
    return _mark(Mark(Access.PERMISSION, code))


def _mark(mark: Mark) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        assert not hasattr(view, _MARK), f"{view.__name__} is marked twice"
        setattr(view, _MARK, mark)
        return view

    return decorate


signed_in = _mark(Mark(Access.SIGNED_IN))
"""On a tenant's site, for everybody who is signed in: one's own profile, sign-out."""
public = _mark(Mark(Access.PUBLIC))
"""On a tenant's site, for anybody: the log-in page."""
apex = _mark(Mark(Access.APEX))
"""On the platform's own site only."""
anywhere = _mark(Mark(Access.ANYWHERE))
"""Under every host, even an unknown one: health checks. Such a view reads no tenant data."""


def mark_of(view: Callable[..., Any] | None, method: str) -> Mark | None:
    """The mark of a view function, or of the method of a class-based view."""
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        handler = getattr(view_class, method.lower(), None) or getattr(view_class, "get", None)
        return getattr(handler, _MARK, None)
    return getattr(view, _MARK, None)


def is_api() -> bool:
    """Whether an address of programs is asked for: of the API, or one given to us that lies beside a page."""
    return "/api/" in request.path


def requested_mark() -> Mark | None:
    """The mark of the route that the running request asks for; None where no route matched."""
    if request.endpoint is None:
        return None
    return mark_of(current_app.view_functions[request.endpoint], request.method)


def opens(actor: Actor, address: str) -> bool:
    """Whether an actor may open a page of this site, so that a link to it is worth drawing."""
    try:
        endpoint, _values = current_app.url_map.bind("").match(urlsplit(address).path, method="GET")
    except HTTPException:
        return True
    mark = mark_of(current_app.view_functions[endpoint], "GET")
    return mark is None or mark.code is None or actor.may(mark.code)


def admit(actor: Actor, mark: Mark | None, *, on_tenant: bool) -> None:
    """Let the actor in, or raise: NotFound on the wrong site, Unauthenticated, Forbidden."""
    if mark is None:
        raise Forbidden(_("This page has no access rule, so nobody may open it."))
    if mark.access is Access.ANYWHERE:
        return
    if on_tenant == (mark.access is Access.APEX):
        raise NotFound(_("There is no such page here."))
    if mark.access in (Access.PUBLIC, Access.APEX):
        return
    if actor.kind == "anonymous":
        raise Unauthenticated(_("Sign in to go on."))
    if mark.code is not None and not actor.may(mark.code):
        raise Forbidden(_("You need the permission “%(label)s” for this page.", label=permissions.label(mark.code)))
