"""The strands of a customer's timeline that are told of several features, as moments with words and addresses."""
from __future__ import annotations

from flask import url_for

from ispbill.audit.models import AuditEntry
from ispbill.billing.payments.models import METHOD_LABELS
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.core.pagination import Edge
from ispbill.reports.stories import queries
from ispbill.web.timeline import Moment

_LINES = {"active": lazy("Line installed"), "terminated": lazy("Line taken down")}
_SUBSCRIPTIONS = {"active": lazy("Subscription resumed"), "suspended": lazy("Subscription suspended"),
                  "ended": lazy("Subscription ended")}


def of_installations(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """Lines: planned, installed, taken down."""
    return [_changed(entry, _LINES, first=_("Line planned"), icon="cable", text=_text(entry, "address"))
            for entry in queries.installations(customer_id, edge, limit)]


def of_subscriptions(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """Subscriptions: begun, suspended, resumed, ended."""
    return [
        _changed(entry, _SUBSCRIPTIONS, first=_("Subscription begun"), icon="refresh-cw",
                 text=_text(entry, "status_reason"),
                 url=url_for("subscriptions.detail", subscription_id=entry.entity_id))
        for entry in queries.subscriptions(customer_id, edge, limit)
    ]


def of_routers(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """Routers: put at a line, taken back."""
    entries = queries.routers(customer_id, edge, limit)
    names = queries.router_names([entry.entity_id for entry in entries if entry.entity_id])
    return [
        Moment(at=entry.created_at, key=entry.id, icon="router", actor=entry.actor_name, text=name,
               title=_("Router assigned") if entry.action == "created" else _("Router taken back"),
               url=url_for("routers.detail", router_id=router_id))
        for entry in entries for router_id, name in [names[entry.entity_id or 0]]
    ]


def of_invoices(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """Invoices that were issued."""
    return [
        Moment(at=invoice.created_at, key=invoice.id, icon="file-text",
               title=_("Invoice %(number)s issued", number=invoice.number), text=_money(invoice.total_minor),
               url=url_for("invoices.detail", invoice_id=invoice.id))
        for invoice in queries.invoices(customer_id, edge, limit)
    ]


def of_voided_invoices(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """Invoices that were voided."""
    return [
        Moment(at=entry.created_at, key=entry.id, icon="file-x", title=_("Invoice %(label)s voided", label=entry.label),
               text=_text(entry, "void_reason"), actor=entry.actor_name,
               url=url_for("invoices.detail", invoice_id=entry.entity_id))
        for entry in queries.voided_invoices(customer_id, edge, limit)
    ]


def of_payments(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """Payments that were recorded."""
    return [
        Moment(at=payment.recorded_at, key=payment.id, icon="banknote", actor=payment.recorded_by,
               title=_("%(money)s paid", money=_money(payment.amount_minor)),
               text=f"{payment.number} · {METHOD_LABELS.get(payment.method, payment.method)}",
               url=url_for("payments.detail", payment_id=payment.id))
        for payment in queries.payments(customer_id, edge, limit)
    ]


def of_reversed_payments(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """Payments that were taken back."""
    return [
        Moment(at=entry.created_at, key=entry.id, icon="undo-2", title=_(
                "Payment %(label)s reversed", label=entry.label),
               text=_text(entry, "reversal_reason"), actor=entry.actor_name,
               url=url_for("payments.detail", payment_id=entry.entity_id))
        for entry in queries.reversed_payments(customer_id, edge, limit)
    ]


def of_messages(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """Messages to the customer's addresses."""
    return [
        Moment(at=message.created_at, key=message.id, icon="mail", title=message.subject,
               text=_("To %(recipient)s: %(status)s", recipient=message.recipient, status=message.status),
               url=url_for("notifications.detail", message_id=message.id))
        for message in queries.messages(customer_id, edge, limit)
    ]


def _changed(
    entry: AuditEntry, titles: dict[str, str], *, first: str, icon: str, text: str, url: str | None = None
) -> Moment:
    status = _text(entry, "status")
    title = first if entry.action == "created" else titles.get(status, f"Now {status}")
    return Moment(at=entry.created_at, key=entry.id, title=title, text=text, actor=entry.actor_name, icon=icon,
                  url=url)


def _text(entry: AuditEntry, name: str) -> str:
    return str((entry.after or {}).get(name) or "")


def _money(amount_minor: int) -> str:
    return format_money(amount_minor, current.tenant.currency)
