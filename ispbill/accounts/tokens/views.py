"""API tokens: list, making one, revoking."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.accounts.blueprint import blueprint
from ispbill.accounts.tokens import queries
from ispbill.accounts.tokens import service as verbs
from ispbill.accounts.tokens.forms import TokenForm
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked
from ispbill.web.requests import found

_SORTS = {"newest": queries.NEWEST_FIRST}


@blueprint.get("/api-tokens")
@requires("manage_api_tokens")
def api_tokens() -> ResponseReturnValue:
    """Every token of the company, the newest first."""
    wanted = asked(_SORTS, default="newest")
    page = paginate(queries.tokens(wanted.term), wanted.sort, cursor=wanted.cursor)
    return render_template("accounts/api_tokens.html", page=page, status_of=queries.status_of)


@blueprint.get("/api-tokens/export")
@requires("manage_api_tokens")
def export_api_tokens() -> Response:
    """What the search finds, without the tokens themselves."""
    header = ("name", "prefix", "user", "status", "permissions", "last_used_at", "expires_at")
    rows = queries.everything(queries.tokens(asked(_SORTS, default="newest").term))
    return csv_response("api-tokens", header, [
        (row.ApiToken.name, row.ApiToken.prefix, row.full_name, queries.status_of(row.ApiToken),
         " ".join(row.ApiToken.scopes), row.ApiToken.last_used_at, row.ApiToken.expires_at) for row in rows
    ])


@blueprint.route("/api-tokens/create", methods=["GET", "POST"])
@requires("manage_api_tokens")
def create_api_token() -> ResponseReturnValue:
    """Make a token; the answer to the form is the only page that ever shows it."""
    form = TokenForm()
    form.offer()
    plain = submit(form, lambda: verbs.create(form.name.data, scopes=form.permissions(), days=form.days))
    if plain:
        return render_template("accounts/api_token_made.html", name=form.name.data, plain=plain)
    return form_page("accounts/create_api_token.html", form)


@blueprint.route("/api-tokens/<int:token_id>/revoke", methods=["GET", "POST"])
@requires("manage_api_tokens")
def revoke_api_token(token_id: int) -> ResponseReturnValue:
    """Make a token useless."""
    token = found(queries.token(token_id), _("There is no such token."))
    form = Form()
    if submit(form, lambda: verbs.revoke(token_id)):
        flash(_("The token “%(name)s” does not work any more.", name=token.name), "success")
        return redirect(url_for("accounts.api_tokens"))
    return form_page(
        "confirm.html", form, title=_("Revoke the token “%(name)s”?", name=token.name), confirm_label=_("Revoke token"),
        text=_("Programs that use it are refused from now on. A revoked token cannot be brought back."),
        cancel_url=url_for("accounts.api_tokens"),
    )
