"""What the layout draws around every page: navigation by permission, the tenant's name, who is signed in."""
from __future__ import annotations

from functools import partial

from flask import Flask

from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.web import guards, navigation
from ispbill.web.once.pages import page_key
from ispbill.web.requests import viewer


def register(app: Flask) -> None:
    """Install the context processor, and what the macros of forms and links ask."""
    app.context_processor(_shell)
    app.jinja_env.globals["page_key"] = page_key
    app.jinja_env.globals["opens"] = _opens


def _shell() -> dict[str, object]:
    """Names of every template. What only the layout draws is a call: a page's panels are templates, too."""
    tenant, actor = current.tenant_or_none, viewer()
    if tenant is None:
        return {}
    shell: dict[str, object] = {"brand": {"name": tenant.name, "home_url": "/"}, "currency": tenant.currency}
    if actor.kind == "user":
        shell["may"] = actor.may
        shell["viewer"] = {
            "name": actor.name, "role": _("Owner") if actor.is_owner else actor.roles or _("No role yet"),
        }
        shell["navigation"] = partial(navigation.visible_to, actor)
        shell["quick_actions"] = partial(navigation.quick_for, actor)
    return shell


def _opens(address: str) -> bool:
    """Whether who looks at the page may open an address."""
    return guards.opens(viewer(), address)
