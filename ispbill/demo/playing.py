"""The whole play of a company: opened, filled and billed through its months. It ends with the company active.

A company on trial is one whose play was not finished: that is how a second start knows what is left to do.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path

from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.demo import days, founding
from ispbill.demo.company import DemoCompany
from ispbill.demo.population import Span, invent
from ispbill.demo.scripts import CompanyScript
from ispbill.demo.stage import Stage
from ispbill.jobs.draining import drain
from ispbill.platform import queries as companies
from ispbill.platform import service as platform
from ispbill.subscriptions.imports import service as imports
from ispbill.tenancy import registry
from ispbill.tenancy.models import TenantStatus

# A company's own year before the first day that is billed: its staff and its old customers are from then.
_FOUNDED_BEFORE = timedelta(days=345)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the play that takes a while: what it is, and how much there is to do."""

    label: str
    total: int


Begin = Callable[[Step], Callable[[int], None]]
"""Told of a step that begins; gives back whom to tell how much more of it is done."""


def is_begun(script: CompanyScript) -> bool:
    """Whether the company exists, in whatever state."""
    return companies.company_at(script.subdomain) is not None


def play(script: CompanyScript, stage: Stage, *, password: str, begin: Begin) -> TenantRef:
    """Whatever is left to do for a company of the stage; the company as it stands then."""
    if _is_played(script.subdomain):
        return registry.named(script.subdomain)
    tenant = founding.open_company(script, password=password)
    file = stage.customers if script.from_file else None
    span = stage.span(script.timezone)
    _found(script, tenant, span, password=password, with_catalogue=file is None)
    with bound(tenant, SYSTEM):
        company = DemoCompany(
            script=script, tenant=tenant, span=span, staff=founding.cast(script),
            population=invent(script, span) if file is None else [],
        )
    if file is None:
        days.take_over(company, progress=begin(Step(f"{script.name}: subscribers", len(company.old_people))))
    else:
        _bring_in(company, file, begin)
    days.play(company, now=current.now(), progress=begin(Step(f"{script.name}: days", span.days)))
    return platform.activate(tenant)


def _is_played(subdomain: str) -> bool:
    company = companies.company_at(subdomain)
    return company is not None and company.status not in (TenantStatus.PROVISIONING, TenantStatus.TRIAL)


def _found(
    script: CompanyScript, tenant: TenantRef, span: Span, *, password: str, with_catalogue: bool
) -> None:
    furnish = partial(
        founding.furnish, script, first_on=span.first_on, password=password, with_catalogue=with_catalogue
    )
    with bound(tenant, SYSTEM), at(datetime.combine(span.first_on - _FOUNDED_BEFORE, time(8), tenant.zone)):
        drain((furnish,), only={tenant.code})


def _bring_in(company: DemoCompany, file: Path, begin: Begin) -> None:
    """Import the file on the eve of the first day. Raises Invalid with the first fault where it has any."""
    eve = company.opening(company.span.first_on - timedelta(days=1))
    with bound(company.tenant, SYSTEM), at(eve), unit_of_work():
        report = imports.run(file, file_name=file.name, start_on=company.span.first_on)
    if report.errors:
        fault = report.errors[0]
        place = f"{file.name}, line {fault.line}, {fault.column}"
        raise Invalid(f"{place}: {fault.problem} {fault.hint}", field="customers")
    begin(Step(f"{company.script.name}: subscribers of {file.name}", report.rows))(report.rows)
