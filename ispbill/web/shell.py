"""What the layout draws around every page: navigation by permission, the tenant's name, who is signed in."""
from __future__ import annotations

from flask import Flask, url_for

from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.web import navigation
from ispbill.web.requests import viewer


def register(app: Flask) -> None:
    """Install the context processor."""
    app.context_processor(_shell)


def _shell() -> dict[str, object]:
    tenant, actor = current.tenant_or_none, viewer()
    if tenant is None:
        return {}
    brand = {"name": tenant.name, "home_url": "/"}
    shell: dict[str, object] = {"brand": brand, "currency": tenant.currency}
    if actor.kind == "user":
        shell["navigation"] = navigation.visible_to(actor)
        shell["quick_actions"] = navigation.quick_for(actor)
        shell["news_url"], shell["unseen_url"] = url_for("news.index"), url_for("news.unseen")
        shell["may"] = actor.may
        shell["viewer"] = {
            "name": actor.name, "role": _("Owner") if actor.is_owner else actor.roles or _("No role yet"),
            "profile_url": url_for("accounts.profile"), "sign_out_url": url_for("accounts.sign_out"),
        }
    return shell
