"""Cases of collections and prepaid time, answered by their policies."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ispbill.billing.collections.dunning.policy import due_steps
from ispbill.billing.collections.policy import Account, Action, CountedFrom, Debt, Done, Plan, Step
from ispbill.billing.invoices.policy import due_day
from ispbill.billing.prepaid.policy import DAYS_OF_PRICE, grant, renewal_start
from ispbill.billing.rating.policy import LateFee, late_fee
from tests.conformance.cases import CannotExpress, Case, NotOurs, cadence, day
from tests.conformance.taxing import Till

_PRICES, _AMOUNTS = ("price", "plan_amount"), ("amount", "load", "payment", "paid")
_BLOCK = ("block_after", "blocking_days", "blocking_period", "block_days", "blocking_period_days")
_DEACTIVATE = ("deactivate_after", "deactivation_days", "deactivation_period", "deactivate_days",
               "deactivation_period_days")
_NET = re.compile(r"(?:net[ _-]?)?(\d+)(?: days?)?")
_MUCH = 10_000
_NUMBER = re.compile(r"\d+")


def answers(case: Case) -> dict[str, Any]:
    """What collections do in the case. Raises CannotExpress for a case of another shape."""
    if case.has("annual_percent", "daily_percent", "interest_rate"):
        raise NotOurs("a late fee is a part of the balance and an amount, asked by a step; no interest runs by the day")
    for names, read in _READINGS:
        if all(case.has(*name.split("|")) for name in names):
            return read(case)
    raise CannotExpress(f"no reading of collections knows {', '.join(case.given)}")


def _reminders(case: Case) -> dict[str, Any]:
    first = day(case.find("invoice_date", "due_date"))
    days = [int(each) for each in case.find("days", default=())] or [-int(each) for each in case.given["days_before"]]
    again, counted = case.find("endless_every"), CountedFrom.ISSUE if case.has("invoice_date") else CountedFrom.DUE
    due_on = first if counted == CountedFrom.DUE else None
    issued_on = first + timedelta(days=min(0, *days)) if due_on else first
    steps = tuple(
        Step(place, f"Reminder {place}", Action.REMIND, after, counted,
             repeat_every_days=int(again) if again and place == len(days) else None)
        for place, after in enumerate(days, start=1)
    )
    wanted = max(len(days_asked) for days_asked in case.expected.values() if isinstance(days_asked, list))
    sent = [on for on, _ in watched(issued_on, steps, days=max(days) - min(0, *days) + 14 * wanted, due_on=due_on)]
    return dict.fromkeys(("send_dates", "sent_on", "reminder_dates", "dates"), sent[:wanted] if again else sent)


def _fees(case: Case) -> dict[str, Any]:
    days = [int(each) for each in _NUMBER.findall(str(case.given["schedule"]))]
    till = Till(case)
    is_flat = case.has("fees")
    owed_minor = _MUCH if is_flat else till.minor(case.given["balance"])
    steps = tuple(
        Step(place, f"Reminder {place}", Action.FEE, after, CountedFrom.ISSUE,
             **{"fee_flat_minor": till.minor(fee)} if is_flat else {"fee_percent": Decimal(str(fee))})
        for place, (after, fee) in enumerate(zip(days, case.find("fees", "rates"), strict=True), start=1)
    )
    charged = [fee for _, fee in watched(date(2026, 1, 1), steps, days=max(days) + 1, owed_minor=owed_minor)]
    return {"fee_lines": [till.major(fee) for fee in charged], "per_reminder_once": len(charged) == len(steps)}


def watched(
    issued_on: date, steps: tuple[Step, ...], *, days: int, due_on: date | None = None, owed_minor: int = _MUCH
) -> list[tuple[date, int]]:
    """What is done, day after day, about one open invoice, and with which fee; each day is looked at twice."""
    debt = Debt(1, "INV-1", issued_on, due_on or issued_on, owed_minor, issued_on)
    done: dict[tuple[int, int | None], Done] = {}
    happened: list[tuple[date, int]] = []
    for moment in range(2 * days + 2):
        on = issued_on + timedelta(days=moment // 2)
        account = Account(1, on, "active", issued_on, debts=(debt,), episode_began_on=issued_on, done=done)
        for due in due_steps(account, Plan(steps)):
            key = (due.step.id, due.invoice_id)
            done[key] = Done(done[key].times + 1 if key in done else 1, on)
            happened.append((on, due.fee_minor))
    return happened


def _late_fee(case: Case) -> dict[str, Any]:
    till, most = Till(case), case.find("maximum", "most", "cap")
    fee = LateFee(Decimal(str(case.find("percent", default=0))), till.minor(case.find("flat", default=0)),
                  till.minor(case.find("minimum", "least", default=0)), None if most is None else till.minor(most))
    return {"fee": till.major(late_fee(till.minor(case.given["balance"]), fee))}


def _after_grace(case: Case) -> dict[str, Any]:
    """The day on which a late fee is asked: so many days after the due day."""
    due_on, grace = day(case.given["due_date"]), int(case.find("grace_days", "grace"))
    step = Step(1, "Late fee", Action.FEE, grace, CountedFrom.DUE, fee_flat_minor=1)
    (happened,) = watched(due_on, (step,), days=grace + 2, due_on=due_on)
    found = dict.fromkeys(("eligible_on", "eligible_date", "fee_on", "fee_date", "charged_on"), happened[0])
    return found | (_late_fee(case) if case.has("balance") else {})


def _renewal(case: Case) -> dict[str, Any]:
    expiry, now = (datetime.fromisoformat(str(case.given[name])) for name in ("expiry", "now"))
    bought = _loaded(case) if case.has(*_PRICES) and case.has(*_AMOUNTS) else {}
    length = bought["span"] if bought else _validity(case)
    early = renewal_start(now, expires_at=expiry, same_plan=True) + length
    late = renewal_start(expiry + timedelta(hours=1), expires_at=expiry, same_plan=True)
    other = renewal_start(now, expires_at=expiry, same_plan=False)
    renewed = renewal_start(now, expires_at=expiry, same_plan=True) + length
    starts_now = (late, other) == (expiry + timedelta(hours=1), now)
    later = f"now + {case.given['validity']}" if starts_now else f"{late}, {other}"
    return bought | {"new_expiry": renewed, "early_same_plan": early, "late_or_other_plan": later}


def _validity(case: Case) -> timedelta:
    every = cadence(case.given["validity"])
    if every.unit != "day":
        raise NotOurs("prepaid time is counted in days: a month is thirty")
    return timedelta(days=every.count)


def _due(case: Case) -> dict[str, Any]:
    issued_on = day(case.find("issued", "issued_on", "invoice_date"))
    told = str(case.find("due_days", "net_days", "payment_terms", "terms", "net_terms"))
    found = _NET.fullmatch(told.lower())
    if found is None:
        raise NotOurs("a bill is due so many days after the day on which it is issued")
    on = due_day(issued_on, due_days=int(found[1]))
    return dict.fromkeys(("due", "due_on", "due_date", "payment_due", "payment_due_date"), on) | _stopped(
        case, issued_on, on)


def _stopped(case: Case, issued_on: date, due_on: date) -> dict[str, Any]:
    """When service is suspended so many days after the due day, and ended so many days after that (Splynx)."""
    told = [int(str(case.find(*names))) for names in (_BLOCK, _DEACTIVATE) if case.has(*names)]
    steps = tuple(Step(place, f"Stage {place}", Action.REMIND, sum(told[:place]), CountedFrom.DUE)
                  for place in range(1, len(told) + 1))
    happened = [on for on, _ in watched(issued_on, steps, days=(due_on - issued_on).days + sum(told) + 1,
                                        due_on=due_on)]
    names = ("block", "blocked", "blocked_on", "suspended", "blocking"), ("deactivate", "deactivated", "inactive",
                                                                         "deactivated_on", "terminated")
    return {name: on for each, on in zip(names, happened, strict=False) for name in each}


def _loaded(case: Case) -> dict[str, Any]:
    """An amount that is loaded, and the time that it buys at the price of so many days."""
    if not case.category.startswith("prepaid"):
        raise CannotExpress(f"no reading of collections knows a price and an amount in “{case.category}”")
    if case.has("validity") and cadence(case.given["validity"]).count != DAYS_OF_PRICE:
        raise NotOurs(f"a prepaid price is that of {DAYS_OF_PRICE} days")
    till = Till(case)
    bought = grant("custom", price_minor=till.minor(case.find(*_PRICES)),
                   amount_minor=till.minor(case.find(*_AMOUNTS)))
    whole = {"days": bought.days, "hours": bought.hours} if "hours" in case.expected else {
        "days": bought.days if bought.days == bought.total_days else bought.total_days}
    found = whole | {"minutes": bought.minutes, "granted": bought.display, "span": bought.span}
    if case.has("expiry") and not case.has("now"):
        # Loaded while there is still time left.
        expiry = datetime.fromisoformat(str(case.given["expiry"]))
        found["new_expiry"] = renewal_start(expiry - timedelta(hours=1), expires_at=expiry, same_plan=True
                                            ) + bought.span
    return found


_READINGS: list[tuple[tuple[str, ...], Callable[[Case], dict[str, Any]]]] = [
    (("invoice_date", "days"), _reminders),
    (("fees", "schedule"), _fees),
    (("balance", "rates", "schedule"), _fees),
    (("due_date", "grace_days|grace"), _after_grace),
    (("balance", "percent|flat"), _late_fee),
    (("due_date", "days|days_before"), _reminders),
    (("expiry", "now", "validity"), _renewal),
    (("|".join(_PRICES), "|".join(_AMOUNTS)), _loaded),
    (("issued|issued_on|invoice_date", "due_days|net_days|payment_terms|terms|net_terms"), _due),
]
