"""The log of messages: what was sent to whom, what waits, what failed."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import paginate
from ispbill.notifications import policy, queries
from ispbill.notifications import service as verbs
from ispbill.notifications.models import Channel, MessageStatus
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found

blueprint = Blueprint("notifications", __name__, url_prefix="/messages", template_folder="templates")
_SORTS = {"newest": queries.NEWEST_FIRST}
_EXPORT_HEADER = ("id", "created_at", "sent_at", "status", "channel", "recipient", "subject", "segments",
                  "delivery", "attempts", "last_error")


@blueprint.get("")
@requires("view_message_log")
def index() -> ResponseReturnValue:
    """The newest messages first."""
    wanted = asked(_SORTS, default="newest")
    statement = queries.messages(wanted.term, status=chosen("status", MessageStatus),
                                 channel=chosen("channel", Channel))
    page = paginate(statement, wanted.sort, cursor=wanted.cursor)
    return render_template("notifications/index.html", page=page, can_send=_can_send())


@blueprint.get("/export")
@requires("view_message_log")
def export() -> Response:
    """The newest messages that fit the filters, as a file."""
    rows = queries.newest(asked(_SORTS, default="newest").term, status=chosen("status", MessageStatus),
                          channel=chosen("channel", Channel))
    return csv_response("messages", _EXPORT_HEADER, (
        [getattr(message, column) for column in _EXPORT_HEADER] for message in rows
    ))


@blueprint.get("/<int:message_id>")
@requires("view_message_log")
def detail(message_id: int) -> ResponseReturnValue:
    """One message, without links that are for its recipient alone."""
    message = found(queries.message(message_id), _("There is no such message."))
    return render_template("notifications/detail.html", message=message, body=policy.concealed(message.body),
                           can_send=message.channel in verbs.open_channels())


@blueprint.post("/<int:message_id>/send-again")
@requires("send_message")
def send_again(message_id: int) -> ResponseReturnValue:
    """Queue a message once more."""
    message = verbs.send_again(message_id)
    flash(_("“%(subject)s” waits to be sent to %(recipient)s.", subject=message.subject, recipient=message.recipient),
          "success")
    return redirect(url_for("notifications.detail", message_id=message_id))


def _can_send() -> bool:
    return Channel.EMAIL in verbs.open_channels()
