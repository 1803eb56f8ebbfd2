"""Every error becomes a page for people or problem+json (RFC 9457) for programs, with the same status and sentence."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from ispbill.core.errors import DomainError, SecondFactorMissing, Unauthenticated
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.web import constraints
from ispbill.web.guards import is_api

# What the web's own refusals are called, and what to do about them; without a sentence, the view that refuses has one.
_PLAIN = {
    400: (lazy("Not understood"), lazy("What was sent is not complete. Go back, load the page again and repeat it.")),
    404: (lazy("Not found"), lazy("There is nothing at this address. It may have been removed, or mistyped.")),
    405: (lazy("Not possible this way"), lazy("This address cannot be opened by itself. Go back and use the button of "
                                              "the page.")),
    413: (lazy("Too large"), lazy("A file may have at most 32 MB. Choose a smaller one.")),
    429: (lazy("Too many requests"), None),
}
# What Flask-Login keeps in the cookie of who is signed in; with the session the token of its forms is gone, too.
_SIGNED_IN = "_user_id"
# Where a person goes first, to come back afterwards.
_FIRST_STEPS = {Unauthenticated: "accounts.sign_in", SecondFactorMissing: "accounts.set_up_second_factor"}


def register(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _unexpected_error)


def wants_json() -> bool:
    """Whether the caller is a program."""
    if is_api():
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best in ("application/json", "application/problem+json")


def _domain_error(error: DomainError) -> ResponseReturnValue:
    step = _FIRST_STEPS.get(type(error))
    if step is not None and not wants_json():
        if request.method != "GET" and isinstance(error, Unauthenticated):
            flash(_("You were signed out meanwhile, so what you sent is not saved. Sign in and send it again."),
                  "warning")
        return redirect(url_for(step, next=_page_asked_for()))
    return answer(error.status, error.title, error.message, error.flaws)


def _page_asked_for() -> str | None:
    """Where somebody wants to be: the page itself, or the one whose form they sent."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    page = urlsplit(request.referrer or "")
    return page._replace(scheme="", netloc="", fragment="").geturl() if page.netloc == request.host else None


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, CSRFError):
        if _SIGNED_IN not in session and not wants_json():
            return _domain_error(Unauthenticated(_("Sign in to go on.")))
        return answer(400, _("The form was open too long"),
                      _("Nothing is saved: you have signed in anew since the page was opened. Open it again, and "
                        "repeat what you did."))
    if error.response is not None:
        return error.response
    code = error.code or 500
    if 300 <= code < 400:
        return error
    if error is request.routing_exception and request.method == "GET" and (page := _page_without_slash()):
        return redirect(page)
    title, sentence = _PLAIN.get(code, (error.name, None))
    return answer(code, str(title), str(sentence or error.description or error.name))


def _page_without_slash() -> str:
    """The page that somebody means who typed its address with a slash behind; empty where there is none."""
    path = "/" + request.path.strip("/")
    is_page = request.path.endswith("/") and current_app.url_map.bind("").test(path, method="GET")
    return f"{quote(path)}?{request.query_string.decode('latin-1')}".rstrip("?") if is_page else ""


def _database_error(error: DBAPIError) -> ResponseReturnValue:
    domain_error = constraints.explain(error)
    if domain_error is not None:
        return _domain_error(domain_error)
    if isinstance(error, OperationalError):
        current_app.logger.exception("the database did not answer at %s %s", request.method, request.url_rule)
        return answer(503, _("Temporarily unavailable"),
                      _("The database did not answer in time. Try again in a moment."))
    return _unexpected_error(error)


def _unexpected_error(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error
    current_app.logger.exception("unexpected error at %s %s", request.method, request.url_rule)
    return answer(500, _("Something went wrong on our side"), _("The error has been recorded. Nothing was saved."))


def answer(
    status: int, title: str, message: str, flaws: Sequence[Mapping[str, str]] | None = None
) -> ResponseReturnValue:
    """The error as a page, or as problem+json for programs."""
    if wants_json():
        return problem(status, title, message, flaws)
    return render_template("errors/error.html", status=status, title=title, message=message, hint=None), status


def problem(
    status: int, title: str, detail: str, flaws: Sequence[Mapping[str, str]] | None = None
) -> Response:
    """An answer in problem+json; `flaws` name fields and say what is wrong with each."""
    content: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if flaws:
        content["errors"] = flaws
    response = jsonify(content)
    response.status_code, response.content_type = status, "application/problem+json"
    if status == Unauthenticated.status:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
