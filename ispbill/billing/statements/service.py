"""Sending statements. A message is a row first; who delivers it is told when this is committed."""
from __future__ import annotations

from datetime import date

from ispbill.audit import service as audit
from ispbill.billing.statements import queries
from ispbill.billing.statements.policy import check_span
from ispbill.core.current import current
from ispbill.core.money import format_money
from ispbill.customers.models import Customer
from ispbill.notifications import service as messages
from ispbill.notifications.service import Draft


def send(customer: Customer, *, since: date, until: date, recipient: str) -> int:
    """Queue a statement of account as an e-mail; the message's id. Raises Invalid for days that make no statement."""
    check_span(since, until, today=current.today())
    found, currency = queries.statement(customer.id, since=since, until=until), current.tenant.currency
    values = {
        "name": customer.name, "account_number": customer.account_number, "since": since, "until": until,
        "opening": format_money(found.opening_minor, currency), "closing": format_money(found.closing_minor, currency),
        "rows": [(row.posted_on, row.memo, format_money(row.amount_minor, currency),
                  format_money(row.balance_minor, currency)) for row in found.rows],
        "ages": [(name, format_money(amount_minor, currency)) for name, amount_minor in found.ages if amount_minor],
    }
    key = f"statement:{customer.id}:{since}:{until}:{recipient}:{current.now().isoformat()}"
    message_id = messages.queue_all([
        Draft("statement", recipient, key, values, enclosure=f"statement:{customer.id}:{since}:{until}")
    ])[key]
    audit.note("sent_statement", entity="customer", entity_id=customer.id, label=customer.name,
               after={"recipient": recipient, "since": since.isoformat(), "until": until.isoformat()})
    return message_id
