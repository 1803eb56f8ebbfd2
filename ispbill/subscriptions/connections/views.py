"""Pages of connections: choose the port of a line step by step, take it off, and who is on a NAP."""
from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.places import place_of
from ispbill.plant.lcps import queries as lcps
from ispbill.plant.models import Nap
from ispbill.plant.naps import queries as naps
from ispbill.plant.naps.queries import Near
from ispbill.subscriptions.blueprint import blueprint
from ispbill.subscriptions.connections import queries
from ispbill.subscriptions.connections import service as verbs
from ispbill.subscriptions.connections.forms import PortForm
from ispbill.subscriptions.connections.models import PortConnection
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.models import Installation
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import chosen_id
from ispbill.web.requests import found

_NONE, _NO_PORT = lazy("There is no such installation."), lazy("There is no such port.")
_OFFERED_NEAR = 5


@dataclass(frozen=True, slots=True)
class Chosen:
    """How far down from an LCP the picker has come; what does not hang together is not chosen."""

    lcp_id: int | None = None
    splitter_id: int | None = None
    nap: Nap | None = None


@blueprint.route("/installations/<int:installation_id>/port", methods=["GET", "POST"])
@requires("change_installation_status")
def choose_port(installation_id: int) -> ResponseReturnValue:
    """Put a line on a port: LCP, splitter, NAP, free port; the nearest ones are offered first."""
    line, chosen, form = _line(installation_id), _chosen(), PortForm()
    ports = naps.ports_of(chosen.nap.id) if chosen.nap else []
    form.port_id.offer([(port.id, _("Port %(number)s", number=port.number)) for port in ports if port.is_free])
    connection = submit(form, lambda: _connected(line, form))
    if connection:
        flash(_("The line is on its port."), "success")
        return redirect(url_for("subscriptions.installation", installation_id=installation_id))
    return form_page(
        "connections/choose.html", form, line=line, chosen=chosen, present=queries.present(installation_id),
        metres=verbs.measured(line, chosen.nap) if chosen.nap else None, near=_near(line), **_offers(chosen),
    )


@blueprint.route("/installations/<int:installation_id>/port/release", methods=["GET", "POST"])
@requires("change_installation_status")
def release_port(installation_id: int) -> ResponseReturnValue:
    """Take a line off its port."""
    line, form = _line(installation_id), Form()
    here = url_for("subscriptions.installation", installation_id=installation_id)
    connection = found(queries.present(installation_id), _("The line is on no port."))
    label = _("port %(number)s of %(nap)s", number=connection.port.number, nap=connection.port.nap.code)
    if submit(form, lambda: verbs.release(line.id)):
        flash(_("The line is off %(label)s.", label=label), "success")
        return redirect(here)
    return form_page(
        "confirm.html", form, title=_("Take the line off %(label)s?", label=label),
        text=f"{line.customer.name}, {line.address}",
        consequences=[_("The port can be given to another line at once")], confirm_label=_(
                "Free the port"), cancel_url=here,
    )


def nap_panel(nap_id: int) -> Markup:
    """Who is on the ports of a NAP and who was, on the NAP's page."""
    rows = [row for row in queries.ports_of(nap_id) if row.is_used]
    return Markup(render_template("connections/_of_nap.html", rows=rows, past=queries.past_of_nap(nap_id)))


def _connected(line: Installation, form: PortForm) -> PortConnection:
    port = found(naps.get_port(form.port_id.data), _NO_PORT)
    return verbs.connect(line, port=port, override_reason=form.override_reason.data)


def _chosen() -> Chosen:
    lcp_id, splitter_id, nap_id = (chosen_id(name) for name in ("lcp", "splitter", "nap"))
    nap = naps.get(nap_id) if nap_id else None
    if nap and splitter_id in (None, nap.splitter_id) and lcp_id in (None, nap.splitter.lcp_id):
        return Chosen(nap.splitter.lcp_id, nap.splitter_id, nap)
    splitter = lcps.get_splitter(splitter_id) if splitter_id else None
    if splitter and lcp_id in (None, splitter.lcp_id):
        return Chosen(splitter.lcp_id, splitter.id)
    return Chosen(lcp_id)


def _offers(chosen: Chosen) -> dict[str, object]:
    """What each step of the picker offers."""
    return {
        "lcps": lcps.choices(),
        "splitters": lcps.splitters_of([chosen.lcp_id]) if chosen.lcp_id else [],
        "naps": naps.of_splitters([chosen.splitter_id]) if chosen.splitter_id else [],
    }


def _near(line: Installation) -> list[Near]:
    place = place_of(line.customer.latitude, line.customer.longitude)
    return naps.nearest(place, limit=_OFFERED_NEAR) if place else []


def _line(installation_id: int) -> Installation:
    return found(installations.get(installation_id), _NONE)
