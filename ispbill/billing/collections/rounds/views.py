"""The page that does once more what a round could not."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.rounds import queries, service
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires


@blueprint.route("/rounds/retry", methods=["GET", "POST"])
@requires("suspend_service")
def retry() -> ResponseReturnValue:
    """Try again where something could not be done."""
    form, stuck = Form(), len(queries.stuck())
    done = submit(form, service.retry)
    if done:
        left = f"{done.troubled:,} still cannot be acted on." if done.troubled else "Everything is done."
        flash(f"{done.cut:,} cut off, {done.restored:,} restored. {left}", "warning" if done.troubled else "success")
        return redirect(url_for(".index"))
    return form_page(
        "confirm.html", form, title="Try again?", confirm_label="Try again", style="primary",
        text=f"{stuck:,} {'customer' if stuck == 1 else 'customers'} could not be acted on.",
        consequences=["Every step that is due towards them is taken now, as each morning."],
        cancel_url=url_for(".index"),
    )
