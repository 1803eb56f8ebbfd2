"""What the API does by itself: forget answers that no client will ask for again."""
from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.jobs.queue import job
from ispbill.web.once.models import IdempotencyKey

# A client may retry for a day (Stripe keeps its keys as long); a week leaves room for a weekend and a holiday.
KEPT = timedelta(days=7)


@job
def forget_old_keys() -> None:
    """Remove the keys, with their answers, of requests made more than a week ago."""
    db.session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < current.now() - KEPT)
        .execution_options(synchronize_session=False)
    )
