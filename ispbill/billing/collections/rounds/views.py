"""The page that does once more what a round could not."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.rounds import queries, service
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import ngettext
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires


@blueprint.route("/rounds/retry", methods=["GET", "POST"])
@requires("suspend_service")
def retry() -> ResponseReturnValue:
    """Try again where something could not be done."""
    form, stuck = Form(), len(queries.stuck())
    done = submit(form, service.retry)
    if done:
        left = _("%(troubled)s still cannot be acted on.",
                 troubled=f"{done.troubled:,}") if done.troubled else _("Everything is done.")
        flash(_("%(cut)s cut off, %(restored)s restored. %(left)s", cut=f"{done.cut:,}", restored=f"{done.restored:,}",
                left=left), "warning" if done.troubled else "success")
        return redirect(url_for(".index"))
    return form_page(
        "confirm.html", form, title=_("Try again?"), confirm_label=_("Try again"), style="primary",
        text=ngettext("%(num)s customer could not be acted on.", "%(num)s customers could not be acted on.", stuck),
        consequences=[_("Every step that is due towards them is taken now, as each morning.")],
        cancel_url=url_for(".index"),
    )
