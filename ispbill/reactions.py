"""Event → verbs: every effect that goes upward, in the order it happens, in the transaction of the publisher."""
from __future__ import annotations

from ispbill.accounts.passwords.service import LinkIssued, PasswordSet
from ispbill.billing.invoices.service import InvoiceVoided
from ispbill.billing.payments import service as payments
from ispbill.billing.runs import jobs as runs
from ispbill.billing.runs.service import ChunksReady, DayBilled
from ispbill.core.events import Handler
from ispbill.customers.service import CustomerActivated, CustomerSuspended, CustomerTerminated
from ispbill.notifications import jobs as deliveries
from ispbill.notifications import service as messages
from ispbill.notifications.service import MessageQueued
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.installations import service as installations
from ispbill.support.notices import service as ticket_notices
from ispbill.support.tickets.service import TicketAnswered, TicketLate, TicketResolved

REACTIONS: dict[type, tuple[Handler, ...]] = {
    LinkIssued: (messages.send_password_link,),
    PasswordSet: (messages.tell_password_set,),
    MessageQueued: (deliveries.nudge,),
    CustomerSuspended: (subscriptions.follow_suspension,),
    CustomerActivated: (subscriptions.follow_activation,),
    CustomerTerminated: (subscriptions.refuse_while_served, installations.follow_termination),
    InvoiceVoided: (lambda event: payments.release_invoice(event.invoice_id, event.customer_id),),
    ChunksReady: (runs.queue_chunks,),
    TicketAnswered: (ticket_notices.tell_answer,),
    TicketResolved: (ticket_notices.tell_resolution,),
    TicketLate: (ticket_notices.tell_lateness,),
    DayBilled: (runs.note_day, lambda event: subscriptions.finish_due()),
}
