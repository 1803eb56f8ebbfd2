"""Usage that comes while its run waits, or whose period is cut up after it was rated."""
from __future__ import annotations

from datetime import date

from ispbill.billing.runs import jobs
from ispbill.billing.runs import service as runs
from ispbill.billing.runs.preview import service as previews
from ispbill.core.current import TenantRef
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.changes import service as changes
from tests.billing.test_metering import JULY, metered, usage_billed, use
from tests.make import days


def test_a_run_that_waited_bills_the_usage_that_came_until_it_was_approved(tenant: TenantRef) -> None:
    line = metered()
    use(line, "100", used_on=date(2026, 6, 3))
    with days.work(JULY):
        runs.open_run(JULY, approved=False)
    use(line, "50", used_on=date(2026, 6, 9), today=date(2026, 7, 2))
    with days.work(date(2026, 7, 2)):
        assert previews.preview(JULY).total_minor == 6_000
    with days.noon(date(2026, 7, 2)):
        assert jobs.bill_now(JULY).total_minor == 6_000


def test_a_back_dated_move_of_the_billing_day_shares_a_minimum_and_its_readings_out(tenant: TenantRef) -> None:
    """Each part of a period is lifted to its own part of the minimum, though the whole was above it."""
    line, day = metered(minimum_minor=30_000), date(2026, 6, 16)
    use(line, "100", used_on=date(2026, 6, 3))
    use(line, "1000", used_on=date(2026, 6, 20))
    assert usage_billed(JULY) == [44_000]
    with days.work(date(2026, 7, 5)):
        found = subscriptions.get(line.id)
        assert found is not None
        changes.move_anchor(found, anchor_day=16, on=day)
    assert usage_billed(date(2026, 7, 5)) == [15_000 - 44_000]
    assert usage_billed(date(2026, 7, 16)) == [40_000]
