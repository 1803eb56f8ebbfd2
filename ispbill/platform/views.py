"""The root of every site, the platform's welcome page, and the health check."""
from __future__ import annotations

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ispbill import config
from ispbill.core.errors import NotFound
from ispbill.core.i18n import gettext as _
from ispbill.platform import health
from ispbill.platform.forms import AddressForm
from ispbill.tenancy import registry
from ispbill.tenancy.hosts import ENVIRON_KEY, Host
from ispbill.web.forms import form_page, refuse
from ispbill.web.guards import anywhere
from ispbill.web.security import POLICY

blueprint = Blueprint("platform", __name__, template_folder="templates")


@blueprint.get("/")
@anywhere
def root() -> ResponseReturnValue:
    """Where work begins on a company's site; the welcome page on the platform's."""
    host: Host = request.environ.get(ENVIRON_KEY, Host())
    if host.refusal is not None:
        raise host.refusal
    if host.tenant is not None:
        return redirect(url_for("accounts.home"))
    return _welcome()


@blueprint.get("/healthz")
@anywhere
def healthz() -> ResponseReturnValue:
    """Whether this process can serve: 200, or 503 naming what does not answer."""
    found = health.check()
    if found.is_well:
        return jsonify(status="ok", **found.parts)
    return jsonify(status="unavailable", **found.parts), 503


def _welcome() -> ResponseReturnValue:
    """Asks for the company's address and leads there."""
    form = AddressForm(request.args)
    if form.company.data:
        try:
            return redirect(_site_of(form.company.data))
        except NotFound as refusal:
            refuse(form, refusal)
    response = make_response(form_page("platform/welcome.html", form, domain=config.settings().domain))
    # Browsers hold a form to its policy through redirects too, and this one leads to a company's site.
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "form-action 'self'", f"form-action 'self' {config.settings().tenant_url('*')}"
    )
    return response


def _site_of(address: str) -> str:
    """The site of a company from its address as people type it. Raises NotFound."""
    host = address.lower().rpartition("//")[2].partition("/")[0].partition(":")[0]
    label = host.removesuffix(f".{config.settings().domain}")
    if registry.by_subdomain(label) is None:
        raise NotFound(_("There is no company at “%(address)s”. Check the spelling.", address=address), field="company")
    return config.settings().tenant_url(label)
