"""What the reports of billing, revenue and tax show."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ispbill.billing.invoices.policy import tax_words
from ispbill.billing.ledger.models import JournalEntry
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.prepaid.deferral import queries as deferral
from ispbill.core.db import AnyRow
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.reports import policy
from ispbill.reports import queries as dashboard
from ispbill.reports.books import queries as books
from ispbill.reports.definitions.policy import (
    Chart,
    Column,
    Figure,
    Kind,
    Link,
    Row,
    Scope,
    Sheet,
    Step,
    Tie,
    share,
    step_column,
    step_labels,
)
from ispbill.reports.definitions.queries import by_step, in_days
from ispbill.reports.growth import queries as growth
from ispbill.reports.links import policy as links
from ispbill.reports.money_in import queries as money_in
from ispbill.reports.revenue import queries

_INCOME = {
    AccountPurpose.REVENUE: lazy("Service"), AccountPurpose.USAGE_REVENUE: lazy("Usage"),
    AccountPurpose.LATE_FEES: lazy(
            "Late fees"),
    AccountPurpose.OTHER_INCOME: lazy("Fees and other"),
}


def monthly_revenue(scope: Scope) -> Sheet:
    """What was earned, by kind of income: documents issued, and prepaid time as it passes."""
    found, prepaid = queries.income_by_account(scope), queries.prepaid_income(scope)
    columns = [by_step([(row.step, row.net_minor) for row in found if row.purpose == purpose], scope)
               for purpose in _INCOME]
    columns.append(_discounts(found, scope))
    columns.append(by_step([(row.step, row.amount_minor) for row in prepaid], scope))
    sums = [sum(amounts) for amounts in zip(*columns, strict=True)]
    accounts = books.account_ids()
    table = [Row((step, *amounts, sum(amounts)), links=_income(accounts, *scope.within(step)))
             for step, *amounts in zip(scope.steps(), *columns, strict=True)]
    whole = _income(accounts, scope.since, scope.until)
    return Sheet(
        columns=(step_column(scope), *(Column(label, Kind.MONEY) for label in _INCOME.values()),
                 Column(_("Discounts"), Kind.MONEY), Column(_("Prepaid time"), Kind.MONEY),
                 Column(_("Revenue"), Kind.MONEY)),
        rows=table, row_count=len(table), totals=(_("Whole period"), *map(sum, columns), sum(sums)),
        total_links=whole,
        figures=(
            Figure(_("Revenue"), sum(sums), Kind.MONEY, _("Earned in the period, before tax")),
            Figure(_("Service"), sum(columns[0]), Kind.MONEY,
                   _("Subscriptions on documents issued in the period"), whole[1]),
            Figure(_("Prepaid time"), sum(columns[-1]), Kind.MONEY,
                   _("Time that passed: what is bought is owed until then"), whole[len(columns)]),
        ),
        charts=(Chart(_("Revenue"), "bar", "money", step_labels(scope), {_("Revenue"): sums}),),
        ties=(_income_tie(sum(sums) - sum(columns[-1]), sum(columns[-1]), scope),),
    )


def tax(scope: Scope) -> Sheet:
    """Sales and the tax on them by rate, and sales without tax."""
    found, rest = queries.taxes(scope), queries.untaxed(scope)
    amount = sum(row.tax_minor for row in queries.billed(scope))
    labels = [tax_words(row.name, row.rate_percent, row.exemption) for row in found]
    table = [Row((label, row.documents, row.base_minor, row.tax_minor), links=_taxed(scope, **_shape(row)))
             for label, row in zip(labels, found, strict=True)]
    if rest.documents:
        table.append(Row((_("Without tax"), rest.documents, rest.net_minor, 0), links=_taxed(scope, tax="none")))
    by_rate = sum(row.tax_minor for row in found)
    return Sheet(
        columns=(Column(_("Tax")), Column(_("Documents"), Kind.COUNT), Column(_("Sales"), Kind.MONEY),
                 Column(_("Tax amount"), Kind.MONEY)),
        rows=table, row_count=len(table), totals=(_("All rates"), None, None, by_rate),
        total_links={3: links.taxes(scope)},
        figures=(
            Figure(_("Tax"), amount, Kind.MONEY, _("On documents issued in the period, credit notes taken off"),
                   links.taxes(scope)),
            Figure(_("Taxed sales"), sum(row.base_minor for row in found), Kind.MONEY,
                   _("Net amounts on which it was charged; a tax on a tax counts its base again"), links.taxes(scope)),
            Figure(_("Sales without tax"), rest.net_minor, Kind.MONEY, _("Exempt, zero-rated or outside of tax"),
                   links.taxes(scope, tax="none")),
        ),
        charts=(Chart(_("Tax by rate"), "bar", "money", labels, {_("Tax"): [row.tax_minor for row in found]}),) if found
        else (),
        ties=(books.tax(by_rate, scope),),
    )


def recurring_revenue(scope: Scope) -> Sheet:
    """MRR, ARPU and churn at the end of each step."""
    ends = [scope.within(step)[1] for step in scope.steps()]
    prices, lives = queries.recurring(ends, scope), growth.lives(scope)
    table = []
    for step, end in zip(scope.steps(), ends, strict=True):
        first, mrr = scope.within(step)[0], policy.monthly_revenue(prices[end])
        before = policy.served(lives, first - timedelta(days=1))
        served, left = policy.served(lives, end), policy.left(lives, first, end)
        table.append(Row((step, mrr, served, policy.per_subscriber(mrr, served), policy.began(lives, first, end), left,
                          share(left, before)), links=_subscribers(scope, first, end)))
    last, behind = table[-1].cells, table[-1].links
    return Sheet(
        columns=(step_column(scope), Column(_("MRR"), Kind.MONEY), Column(_("Subscribers"), Kind.COUNT),
                 Column(_("ARPU"), Kind.MONEY), Column(_("New"), Kind.COUNT), Column(_("Left"), Kind.COUNT),
                 Column(_("Churn"), Kind.PERCENT)),
        rows=table, row_count=len(table),
        figures=(
            Figure(_("MRR"), last[1], Kind.MONEY,
                   _("At the end of the period, before discounts and without tax"), behind[1]),
            Figure(_("ARPU"), last[3], Kind.MONEY, _("MRR divided by the subscribers of the same day"), behind[3]),
            Figure(_("Churn"), last[6], Kind.PERCENT,
                   _("Who left in the last step, of those served when it began"), behind[6]),
        ),
        charts=(Chart(_("MRR"), "line", "money", step_labels(scope), {_("MRR"): [row.cells[1] for row in table]}),
                Chart(_("Came and left"), "bar", "count", step_labels(scope), {
                    _("New"): [row.cells[4] for row in table], _("Left"): [row.cells[5] for row in table]})),
        ties=_recurring_tie(last[1], scope),
    )


def deferred_revenue(scope: Scope) -> Sheet:
    """What is owed in prepaid time: bought, earned as it passed, and what is left at the end of each step."""
    moved = {row.step: row for row in queries.prepaid_moved(scope)}
    owed, account_id = _deferred_before(scope), books.account_ids()[AccountPurpose.DEFERRED_REVENUE]
    table = []
    for step in scope.steps():
        row = moved.get(step)
        deferred, earned = (row.deferred, row.earned) if row else (0, 0)
        first, last = scope.within(step)
        table.append(Row((step, owed, deferred, earned, owed + deferred - earned),
                         links=_deferred(account_id, first, last)))
        owed += deferred - earned
    known, whole = deferral.tie_out(), _deferred(account_id, scope.since, scope.until)
    return Sheet(
        columns=(step_column(scope), Column(_("At the beginning"), Kind.MONEY), Column(_("Bought"), Kind.MONEY),
                 Column(_("Earned or given back"), Kind.MONEY), Column(_("At the end"), Kind.MONEY)),
        rows=table, row_count=len(table),
        totals=(_("Whole period"), table[0].cells[1], sum(row.cells[2] for row in table),
                sum(row.cells[3] for row in table), owed),
        total_links=whole,
        figures=(
            Figure(_("Owed at the end"), owed, Kind.MONEY, _("At the end of the period, as the ledger has it"),
                   whole[4]),
            Figure(_("Owed now"), known.owed_minor, Kind.MONEY, _("Prepaid time bought and not used, before tax"),
                   links.account(account_id, scope.today)),
            Figure(_("Bought"), sum(row.cells[2] for row in table), Kind.MONEY, _("Prepaid time sold in the period"),
                   whole[2]),
            Figure(_("Earned or given back"), sum(row.cells[3] for row in table), Kind.MONEY,
                   _("Time that passed in the period, and time taken back"), whole[3]),
        ),
        charts=(Chart(_("Owed in prepaid time"), "area", "money", step_labels(scope),
                      {_("At the end"): [row.cells[4] for row in table]}),),
        ties=(books.deferred(owed, known.owed_minor, scope),),
    )


def financial_dashboard(scope: Scope) -> Sheet:
    """Billed, taxed, collected, and what is open: the company's money on one page."""
    documents, received = queries.billed(scope), money_in.received(scope)
    net, taxed, gross = (by_step([(row.step, getattr(row, name)) for row in documents], scope)
                         for name in ("net_minor", "tax_minor", "total_minor"))
    collected = _collected(scope, received)
    sums = money_in.owing_sums(money_in.owing(scope))
    tax_id = books.account_ids()[AccountPurpose.TAX_PAYABLE]
    table = [Row((step, *amounts), links=_money(scope, tax_id, *scope.within(step)))
             for step, *amounts in zip(scope.steps(), net, taxed, gross, collected, strict=True)]
    whole = _money(scope, tax_id, scope.since, scope.until)
    return Sheet(
        columns=(step_column(scope), Column(_("Net"), Kind.MONEY), Column(_("Tax"), Kind.MONEY),
                 Column(_("Billed"), Kind.MONEY), Column(_("Collected"), Kind.MONEY)),
        rows=table, row_count=len(table), totals=(_("Whole period"), sum(net), sum(taxed), sum(gross), sum(collected)),
        total_links=whole,
        figures=(
            Figure(_("Billed"), sum(gross), Kind.MONEY, _("Documents issued in the period with tax, credit notes taken "
                                                       "off"), whole[3]),
            Figure(_("Collected"), sum(collected), Kind.MONEY, _("Payments received in the period that stand"),
                   whole[4]),
            Figure(_("Collected of billed"), share(sum(collected), sum(gross)), Kind.PERCENT,
                   _("Money received in the period, for whatever invoice, as a part of what was billed in it")),
            Figure(_("Open now"), sums.open, Kind.MONEY, _("Still to be paid of all invoices"),
                   links.owed_documents(scope)),
            Figure(_("Overdue now"), sums.open - sums.age_0, Kind.MONEY, _("What of it is past its due day"),
                   links.owed_documents(scope, "overdue")),
            Figure(_("Unused credit now"), sums.credit, Kind.MONEY,
                   _("Payments and credit notes that settle nothing yet"), links.unapplied(scope)),
        ),
        charts=(Chart(_("Billed and collected"), "bar", "money", step_labels(scope),
                      {_("Billed"): gross, _("Collected"): collected}),),
        ties=(books.billed(sum(gross), scope), books.collections(sum(collected), scope),
              books.owed(sums.balance, scope)),
    )


def _discounts(found: Sequence[AnyRow], scope: Scope) -> list[int]:
    amounts: dict[date, int] = {}
    for row in found:
        amounts[row.step] = amounts.get(row.step, 0) - row.discount_minor
    return by_step(amounts.items(), scope)


def _collected(scope: Scope, received: Sequence[AnyRow]) -> list[int]:
    amounts: dict[date, int] = {}
    for row in received:
        amounts[row.step] = amounts.get(row.step, 0) + row.amount_minor
    return by_step(amounts.items(), scope)


def _income_tie(documents_minor: int, prepaid_minor: int, scope: Scope) -> Tie:
    void, days = queries.income_of_void(scope), in_days(JournalEntry.posted_on, scope)
    known = ("invoice", *queries.PREPAID_SOURCES)
    return Tie(_("Revenue and the ledger"), (
        Step(_("Documents of this report"), documents_minor), Step(_("Prepaid time of this report"), prepaid_minor),
        Step(_("Issued in the period and voided since"), void.issued), Step(_("Voided in the period"), -void.voided),
        Step(_("Other entries, such as by hand"), books.income(days, JournalEntry.source.not_in(known))),
    ), _("All accounts of income"), books.income(days))


def _recurring_tie(mrr_minor: int, scope: Scope) -> tuple[Tie, ...]:
    """By days on one side, by what is active now on the other; of an area the second is not known."""
    if scope.area_id is not None:
        return ()
    now_minor = policy.monthly_revenue(queries.recurring([scope.today], scope)[scope.today])
    return (Tie(_("Recurring revenue and what is active now"), (
        Step(_("MRR at the end of this report"), mrr_minor),
        Step(_("What came, changed and left since"), now_minor - mrr_minor),
    ), _("A month of all that is active now"), policy.monthly_revenue(dashboard.monthly_prices(scope.today))),)


def _deferred_before(scope: Scope) -> int:
    return -books.posted_on(AccountPurpose.DEFERRED_REVENUE, JournalEntry.posted_on < scope.since)


def _income(accounts: Mapping[str, int], since: date, until: date) -> dict[int, Link]:
    """Behind each kind of income, the discounts on it, and prepaid time."""
    purposes = (*_INCOME, AccountPurpose.DISCOUNTS)
    billed = {place: links.journal(accounts[purpose], since, until, source="invoice", standing="yes")
              for place, purpose in enumerate(purposes, start=1)}
    return {**billed, len(purposes) + 1: links.journal(
        accounts[AccountPurpose.REVENUE], since, until, source="prepaid")}


def _money(scope: Scope, tax_id: int, since: date, until: date) -> dict[int, Link]:
    """Behind the net, the tax, what was billed and what was collected."""
    documents = links.documents(scope, since, until)
    return {1: documents, 2: links.journal(tax_id, since, until, source="invoice", standing="yes"), 3: documents,
            4: links.receipts(scope, since, until)}


def _deferred(account_id: int, first: date, last: date) -> dict[int, Link]:
    """Behind what was owed before, was bought, was earned or given back, and is owed after."""
    return {1: links.account(account_id, first - timedelta(days=1)),
            2: links.journal(account_id, first, last, side="credit"),
            3: links.journal(account_id, first, last, side="debit"), 4: links.account(account_id, last)}


def _subscribers(scope: Scope, first: date, last: date) -> dict[int, Link]:
    """Behind what recurs and who is served at the end, who came and who left."""
    recurs, left = links.services(scope, min(last, scope.today)), links.subscribers(scope, "left", first, last)
    return {1: recurs, 2: links.subscribers(scope, "served", first, last), 3: recurs,
            4: links.subscribers(scope, "began", first, last), 5: left, 6: left}


def _taxed(scope: Scope, **shape: str | None) -> dict[int, Link]:
    """Behind the number of documents, their sales and the tax on these."""
    return {1: links.documents(scope, scope.since, scope.until, **shape),
            **dict.fromkeys((2, 3), links.taxes(scope, **shape))}


def _shape(row: AnyRow) -> dict[str, str | None]:
    return {"tax": f"{row.rate_percent.normalize():f} {row.name}", "exemption": row.exemption or None}
