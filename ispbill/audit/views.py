"""The audit log: who did what, searchable, one entry in full, as a file. There is nothing to change here."""
from __future__ import annotations

import json

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ispbill.audit import policy, queries
from ispbill.audit.models import AuditEntry
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen_day
from ispbill.web.requests import found

blueprint = Blueprint("audit", __name__, url_prefix="/audit-logs", template_folder="templates")
_SORTS = {"at": queries.NEWEST_FIRST}
_ACTIONS = (
    "created", "changed", "removed", "signed_in", "sign_in_failed", "locked_out", "signed_out", "revoked", "import",
    "recorded", "sent_again", "second_factor_set_up", "second_factor_removed", "second_factor_reset",
    "second_factor_refused", "recovery_code_used", "recovery_codes_made", "access_restored",
)
_EXPORT_HEADER = (
    "id", "at", "who", "kind", "ip_address", "user_agent", "action", "entity", "entity_id", "label", "before",
    "after",
)


@blueprint.get("")
@requires("view_audit_log")
def index() -> ResponseReturnValue:
    """The newest entries first, filtered."""
    wanted = asked(_SORTS, default="at")
    page = paginate(queries.entries(_filters()), queries.NEWEST_FIRST, cursor=wanted.cursor)
    return render_template(
        "audit/index.html", page=page, actions=_ACTIONS, entities=queries.entity_names(),
        people=queries.users_who_acted(), label=policy.entity_label,
    )


@blueprint.get("/<int:entry_id>")
@requires("view_audit_log")
def detail(entry_id: int) -> ResponseReturnValue:
    """One entry with what stood there before and after."""
    entry = found(queries.entry(entry_id), _("There is no such entry."))
    return render_template("audit/detail.html", entry=entry, label=policy.entity_label,
                           differences=policy.differences(entry.before, entry.after))


@blueprint.get("/export")
@requires("export_audit_log")
def export() -> Response:
    """The newest entries that fit the filters, as a file."""
    return csv_response("audit-log", _EXPORT_HEADER, map(_cells, queries.newest(_filters())))


def _filters() -> queries.Filters:
    arguments = request.args
    return queries.Filters(
        term=asked(_SORTS, default="at").term, who=arguments.get("who") or None,
        record=arguments.get("record", type=_key), entity=arguments.get("entity") or None,
        action=arguments.get("action") or None,
        since=chosen_day("since"), until=chosen_day("until"),
    )


def _key(text: str) -> int:
    return int(text[:18])


def _cells(entry: AuditEntry) -> tuple[object, ...]:
    return (
        entry.id, entry.created_at.isoformat(), entry.actor_name, entry.actor_kind, entry.ip_address,
        entry.user_agent, entry.action, entry.entity, entry.entity_id, entry.label, _json(entry.before),
        _json(entry.after),
    )


def _json(values: dict[str, object] | None) -> str:
    return "" if values is None else json.dumps(values, ensure_ascii=False, sort_keys=True)
