"""Documents that cannot be set."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ispbill.billing.documents import policy


@contextmanager
def broken(number: str) -> Iterator[None]:
    """A printer's devil in the words of one document: its accent is no colour."""
    with pytest.MonkeyPatch.context() as patch:
        right = policy.invoice_words
        patch.setattr(policy, "invoice_words",
                      lambda paper: right(paper) | ({"accent": "mud"} if paper.paper.number == number else {}))
        yield
