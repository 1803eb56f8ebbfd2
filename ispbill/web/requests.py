"""The life of a request: host → tenant, one unit of work, who calls, may they, then the view."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import IntegerConverter

from ispbill.core.current import ANONYMOUS, Actor, acting_as, bound, current
from ispbill.core.errors import NotFound
from ispbill.core.i18n import lazy
from ispbill.core.unit_of_work import unit_of_work
from ispbill.tenancy.hosts import ENVIRON_KEY, Host
from ispbill.web import guards
from ispbill.web.once.pages import once

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Found = TypeVar("Found")


class RowId(IntegerConverter):
    """An id in an address: more digits than a key can have lead nowhere, instead of to the database."""

    regex = r"\d{1,18}"


class IspbillFlask(Flask):
    """Flask with a tenant bound around each request, and one transaction around each dispatch."""

    identify: Callable[[], Actor] = staticmethod(lambda: ANONYMOUS)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.url_map.converters["int"] = RowId

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Bind the tenant that the host names, for the whole request including its error pages."""
        host: Host = environ.get(ENVIRON_KEY, Host())
        with bound(host.tenant, ANONYMOUS):
            return super().wsgi_app(environ, start_response)

    def dispatch_request(self) -> ResponseReturnValue:
        """Refuse, or run the view inside a unit of work, so that an error at commit reaches the error handlers too."""
        host: Host = request.environ.get(ENVIRON_KEY, Host())
        mark = guards.requested_mark()
        if mark is not None and mark.access is guards.Access.ANYWHERE:
            return super().dispatch_request()
        if host.refusal is not None:
            raise host.refusal
        if host.tenant is None:
            return self._on_apex(mark)
        with unit_of_work():
            return self._on_tenant(mark)

    def _on_apex(self, mark: guards.Mark | None) -> ResponseReturnValue:
        if request.routing_exception is None:
            guards.admit(ANONYMOUS, mark, on_tenant=False)
        return super().dispatch_request()

    def _on_tenant(self, mark: guards.Mark | None) -> ResponseReturnValue:
        g.actor = self.identify()
        with acting_as(g.actor):
            if request.routing_exception is None:
                guards.admit(g.actor, mark, on_tenant=True)
            return once(super().dispatch_request)


def found(row: Found | None, message: str = lazy("There is no such record.")) -> Found:
    """The row, or NotFound where it is None: how every view answers an id that is not this tenant's."""
    if row is None:
        raise NotFound(message)
    return row


def viewer() -> Actor:
    """Who looks at the page, also on error pages, which are drawn after the unit of work has ended."""
    actor: Actor = g.get("actor", current.actor)
    return actor
