"""Verbs of text messages: enter the account, send one text, note what the provider reports of it."""
from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from ispbill import config
from ispbill.core.crypto import seal, unseal
from ispbill.core.db import db
from ispbill.core.errors import Forbidden, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.notifications.models import Channel, Message, MessageStatus
from ispbill.notifications.texting import policy, queries, twilio
from ispbill.notifications.texting.models import SmsAccount
from ispbill.notifications.texting.policy import SmsTerms, checked_account

REPORTS = "/messages/sms-report"


def enter(terms: SmsTerms) -> SmsAccount:
    """Enter the account, or change it; the token is kept encrypted. Raises Invalid, also without a first token."""
    wanted, known = checked_account(terms), queries.account()
    if not wanted.token and known is None:
        raise Invalid(_("Enter the token that the provider shows beside the account."), field="token")
    row = known or SmsAccount(id=1)
    row.account_sid, row.sender, row.is_enabled = wanted.account_sid, wanted.sender, wanted.is_enabled
    if wanted.token:
        row.sealed_token = seal(wanted.token, secret_key=config.settings().secret_key)
    db.session.add(row)
    db.session.flush()
    return row


def send(message: Message, account: SmsAccount) -> None:
    """Hand a text in at the provider. Raises one of twilio.FAILURES."""
    accepted = twilio.send(
        twilio.Account(config.settings().sms_url, account.account_sid, account.sender, _token(account)),
        recipient=message.recipient, text=message.body.strip(), callback=report_url(message.id),
    )
    message.provider_id, message.delivery = accepted.sid, policy.newer(None, accepted.status)


def report_url(message_id: int) -> str:
    """Where the provider reports what became of a text. The whole address is signed, so it may name the row."""
    return f"{config.site()}{REPORTS}?message={message_id}"


def note_report(message_id: int, values: Mapping[str, str], *, signature: str) -> None:
    """Note what the provider reports of a text; an older report than what is known changes nothing.

    Raises Forbidden unless the request is signed with the account's token, about a text of this company.
    """
    account = queries.account()
    if account is None or not policy.is_signed(report_url(message_id), values, token=_token(account), shown=signature):
        raise Forbidden(_("The signature does not fit."))
    # The row is locked while its text is handed in, so that a report which comes at once waits for the commit.
    message = db.session.scalars(
        select(Message).where(Message.id == message_id, Message.channel == Channel.SMS).with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if message is not None and message.provider_id == values.get("MessageSid"):
        _note(message, values)


def _note(message: Message, values: Mapping[str, str]) -> None:
    delivery = policy.newer(message.delivery, values.get("MessageStatus", ""))
    if delivery is None:
        return
    message.delivery = delivery
    if delivery in policy.LOST:
        code = values.get("ErrorCode", "")[:20]
        message.status, message.last_error = MessageStatus.FAILED, f"{delivery} {code}".strip()
    db.session.flush()


def _token(account: SmsAccount) -> str:
    return unseal(account.sealed_token, secret_key=config.settings().secret_key)
