"""The bell of every page, and the page behind it."""
from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from ispbill.core.current import current
from ispbill.reports.news import queries
from ispbill.web.exports import csv_response
from ispbill.web.guards import signed_in

blueprint = Blueprint("news", __name__, url_prefix="/news", template_folder="templates")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """What long work has come to, the newest first; looking at it counts as having seen it."""
    user_id = current.actor.user_id or 0
    seen_at = queries.seen_at(user_id)
    queries.note_seen(user_id)
    return render_template("news/index.html", news=queries.newest(), seen_at=seen_at)


@blueprint.get("/export")
@signed_in
def export() -> Response:
    """The same as a file."""
    return csv_response("notifications", ("at", "title", "text", "needs_somebody"), (
        (news.at.astimezone(current.tenant.zone).isoformat(timespec="seconds"), news.title, news.text,
         news.needs_somebody) for news in queries.newest()
    ))


@blueprint.get("/unseen")
@signed_in
def unseen() -> ResponseReturnValue:
    """How much there is that the viewer has not seen: a part of the bell."""
    return render_template("news/_unseen.html", count=queries.unseen(current.actor.user_id or 0))
