"""Settings: a page that shows them all, a form for each part; and the company's style sheet."""
from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.accounts.second_factors import queries as second_factors
from ispbill.company import queries
from ispbill.company import service as verbs
from ispbill.company.forms import IdentityForm, LanguageForm, MapForm, TermsForm, WordingForm
from ispbill.company.policy import SERIES_LABELS
from ispbill.core.current import current
from ispbill.core.formats import language_name, locales_of
from ispbill.core.i18n import gettext as _
from ispbill.notifications.texting import queries as texting
from ispbill.web import panels
from ispbill.web.forms import Form, form_page, options, submit
from ispbill.web.guards import requires

blueprint = Blueprint("company", __name__, template_folder="templates")


@blueprint.get("/settings")
@requires("view_settings")
def settings() -> ResponseReturnValue:
    """Everything that is set, and what the next numbers are."""
    next_numbers = [(SERIES_LABELS[row.kind], row.next_text) for row in queries.number_series()]
    return render_template(
        "company/settings.html", settings=queries.settings(), identity=queries.newest_identity(),
        next_numbers=next_numbers, tenant=current.tenant, language=language_name(current.tenant.locale),
        two_factor=second_factors.everybody_must(), texts=texting.account(),
        panels=panels.drawn("settings", 0),
    )


@blueprint.route("/settings/identity", methods=["GET", "POST"])
@requires("change_settings")
def identity() -> ResponseReturnValue:
    """The seller as documents name it."""
    form = IdentityForm(obj=queries.newest_identity())
    return _form_page("company/identity.html", form, lambda: verbs.change_identity(form.identity))


@blueprint.route("/settings/billing", methods=["GET", "POST"])
@requires("change_settings")
def terms() -> ResponseReturnValue:
    """How invoices are issued."""
    form = TermsForm(obj=queries.settings())
    return _form_page("company/terms.html", form, lambda: verbs.change_terms(form.terms))


@blueprint.route("/settings/wording", methods=["GET", "POST"])
@requires("change_settings")
def wording() -> ResponseReturnValue:
    """Colour and names."""
    form = WordingForm(obj=queries.settings())
    return _form_page("company/wording.html", form, lambda: verbs.change_wording(form.wording))


@blueprint.route("/settings/language", methods=["GET", "POST"])
@requires("change_settings")
def language() -> ResponseReturnValue:
    """The language, and how dates and amounts are written."""
    form = LanguageForm(obj=current.tenant)
    form.locale.choices = options((name, language_name(name)) for name in locales_of(current.tenant.timezone))
    return _form_page("company/language.html", form, lambda: verbs.change_locale(form.locale.data))


@blueprint.route("/settings/map", methods=["GET", "POST"])
@requires("change_settings")
def map_tiles() -> ResponseReturnValue:
    """What lies under the network map."""
    form = MapForm(obj=queries.settings())
    return _form_page("company/map.html", form, lambda: verbs.change_map(form.tiles))


def _form_page(template: str, form: Form, verb: Callable[[], object]) -> ResponseReturnValue:
    if submit(form, verb):
        flash(_("The settings are saved."), "success")
        return redirect(url_for("company.settings"))
    return form_page(template, form)
