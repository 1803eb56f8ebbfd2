"""A form that is sent twice as it stands is carried out once: a double click, a reload, a phone that tries again.

Each page that is drawn has a key, which its forms send along. With another content the same key is another request,
for who goes back and enters the next one means it.
"""
from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator

from flask import current_app, flash, g, redirect, request
from flask.typing import ResponseReturnValue

from ispbill.core.current import current
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.web.guards import is_api
from ispbill.web.once import keys

FIELD = "page_key"
_LONGEST = 50
_NOT_CONTENT = (FIELD, "csrf_token")
_CHUNK = 1 << 20


def page_key() -> str:
    """The key of the page that is drawn; of one that is shown again with its errors, the key that it had.

    Nothing where nobody is signed in: who calls must not see by the page that two answers differ.
    """
    if current.actor.user_id is None:
        return ""
    key: str = g.setdefault(FIELD, secrets.token_urlsafe(18))
    return key


def sent_key() -> str | None:
    """The key of the page whose form was sent; None where a program sends none. Raises Invalid for one not ours."""
    key = request.form.get(FIELD) or None
    if key is not None and len(key) > _LONGEST:
        raise Invalid(_("Nothing is saved: what was sent is not a form of these pages. Open the page again."))
    return key


def once(view: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """What the view answers, or where it led when the same form was sent before by the same user."""
    is_form = request.method == "POST" and current.actor.user_id is not None and not is_api()
    page = sent_key() if is_form else None
    if page is None:
        return view()
    setattr(g, FIELD, page)
    digest = _digest(page)
    key = f"page {digest}"
    if not keys.claim(key, digest):
        flash(_("This was sent twice. It was done once."), "info")
        return redirect(keys.answered(key).response_body["location"])
    response = current_app.make_response(view())
    if response.location is None:
        keys.release(key)
    else:
        keys.keep(key, response.status_code, {"location": response.location})
    return response


def _digest(page: str) -> str:
    """What was sent, where to, by whom and from which page."""
    found = hashlib.sha256(repr((current.actor.user_id, request.full_path, page)).encode())
    for part in _content():
        found.update(part)
    return found.hexdigest()


def _content() -> Iterator[bytes]:
    fields = [(name, values) for name, values in request.form.lists() if name not in _NOT_CONTENT]
    yield repr(sorted(fields)).encode()
    for name, file in request.files.items(multi=True):
        yield repr((name, file.filename)).encode()
        while chunk := file.stream.read(_CHUNK):
            yield chunk
        file.stream.seek(0)
