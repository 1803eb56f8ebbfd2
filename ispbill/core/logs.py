"""Lines of the log. Each names the company that the work was for: one process works for all of them."""
from __future__ import annotations

import logging

from ispbill.core.current import current


class Line(logging.Formatter):
    """When, how bad, for which company (its code, or a dash outside of any), who says it, what."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(company)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, with its traceback below where it has one."""
        tenant = current.tenant_or_none
        record.company = tenant.code if tenant else "-"
        return super().format(record)
