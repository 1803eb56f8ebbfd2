"""The company's account at its provider of text messages."""
from __future__ import annotations

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class SmsAccount(TenantModel):
    """One account, with the id 1, once somebody has entered it. `sealed_token` is what signs requests, encrypted."""

    __tablename__ = "sms_accounts"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    account_sid: Mapped[str]
    sealed_token: Mapped[str]
    sender: Mapped[str]
    is_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
