"""Event → verbs: every effect that goes upward, in the order it happens, in the transaction of the publisher."""
from __future__ import annotations

from ispbill.accounts.passwords.service import LinkIssued, PasswordSet
from ispbill.accounts.second_factors.service import SecondFactorChanged
from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge
from ispbill.billing.collections.dunning import service as dunning
from ispbill.billing.collections.fees import service as fees
from ispbill.billing.collections.models import (
    CollectionAction,
    CollectionCutoff,
    CollectionEpisode,
    CollectionHold,
    DisputeHold,
    PromiseToPay,
)
from ispbill.billing.contracts import service as contracts
from ispbill.billing.discounts.models import DiscountGrant
from ispbill.billing.documents.prints import jobs as prints
from ispbill.billing.documents.prints.service import PrintOrdered
from ispbill.billing.drafts.models import DraftInvoice
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.service import InvoiceVoided
from ispbill.billing.ledger import service as ledger
from ispbill.billing.notes import service as notes
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.payments.service import CreditSpent, PaymentReversed
from ispbill.billing.prepaid.cancelling import service as prepaid
from ispbill.billing.prepaid.conversion import service as conversion
from ispbill.billing.prepaid.models import PrepaidSubscription
from ispbill.billing.proformas.models import Proforma
from ispbill.billing.refunds.models import Refund
from ispbill.billing.runs import jobs as runs
from ispbill.billing.runs.preview.service import PreviewOrdered
from ispbill.billing.runs.service import ChunksReady, DayBilled
from ispbill.billing.statements.batches import jobs as statement_batches
from ispbill.billing.statements.batches.service import StatementsWait
from ispbill.billing.taxes.models import TaxExemption, TaxWithholding
from ispbill.core.db import TenantModel
from ispbill.core.events import Handler
from ispbill.customers.duplicates.service import CustomersMerged, Moving
from ispbill.customers.service import CustomerActivated, CustomerSuspended, CustomerTerminated
from ispbill.imports import jobs as imports
from ispbill.imports.service import BatchWaits
from ispbill.notifications import jobs as deliveries
from ispbill.notifications import service as messages
from ispbill.notifications.service import MessageQueued
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes.service import SubscriptionChanged
from ispbill.subscriptions.installations import service as installations
from ispbill.subscriptions.models import Installation, Subscription
from ispbill.subscriptions.pauses import service as pauses
from ispbill.subscriptions.service import SubscriptionEnding, SubscriptionKept, SubscriptionsBegun
from ispbill.support.notices import service as ticket_notices
from ispbill.support.tickets.models import Ticket
from ispbill.support.tickets.service import TicketAnswered, TicketGiven, TicketLate, TicketResolved

# The tables whose rows go with a customer to the one they are merged into. Where a customer has one row only, such as
# a wallet, its feature reacts by a verb of its own instead.
GOES_ALONG: tuple[type[TenantModel], ...] = (
    Installation, Subscription, PrepaidSubscription, TaxExemption, TaxWithholding, DiscountGrant, Charge, Invoice,
    Payment, Refund, Proforma, DraftInvoice, Ticket, CollectionEpisode, CollectionAction, CollectionCutoff,
    PromiseToPay, DisputeHold, CollectionHold,
)
REACTIONS: dict[type, tuple[Handler, ...]] = {
    BatchWaits: (imports.queue,),
    LinkIssued: (messages.send_password_link,),
    PasswordSet: (messages.tell_password_set,),
    SecondFactorChanged: (messages.tell_second_factor,),
    MessageQueued: (deliveries.nudge,),
    CustomerSuspended: (pauses.follow_suspension,),
    CustomerActivated: (pauses.follow_activation, dunning.follow_activation),
    CustomerTerminated: (
        subscriptions.refuse_while_served, prepaid.refuse_while_time_is_left, installations.follow_termination,
        dunning.follow_termination,
    ),
    CustomersMerged: (
        dunning.follow_merge,
        *map(Moving, GOES_ALONG),
        pauses.follow_merge,
        ledger.follow_merge,
        lambda event: payments.settle([event.kept_id]),
        lambda event: dunning.reconsider([event.kept_id]),
    ),
    CreditSpent: (lambda event: dunning.reconsider(event.customer_ids),),
    PaymentReversed: (prepaid.follow_reversal,),
    InvoiceVoided: (
        lambda event: payments.release_invoice(event.invoice_id, event.customer_id),
        prepaid.follow_void,
        notes.follow_void,
        fees.follow_void,
        lambda event: dunning.reconsider([event.customer_id]),
    ),
    SubscriptionsBegun: (contracts.agree, charges.charge_beginning),
    SubscriptionEnding: (conversion.refuse_longer, contracts.charge_early_end, charges.follow_end),
    SubscriptionKept: (conversion.refuse_kept, contracts.forgive_kept),
    SubscriptionChanged: (contracts.follow_change,),
    ChunksReady: (runs.queue_chunks,),
    PreviewOrdered: (runs.queue_parts,),
    PrintOrdered: (prints.queue,),
    StatementsWait: (statement_batches.queue,),
    TicketAnswered: (ticket_notices.tell_answer,),
    TicketResolved: (ticket_notices.tell_resolution,),
    TicketGiven: (ticket_notices.tell_assignee,),
    TicketLate: (ticket_notices.tell_lateness,),
    DayBilled: (runs.note_day, lambda event: subscriptions.finish_due()),
}
