"""The plan of collections as JSON, on their resource: terms, steps, the days on which nobody is cut off."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields as fields_of
from typing import Any

from marshmallow import Schema, fields, validate

from ispbill.areas import queries as areas
from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.dunning.letters import TEMPLATES
from ispbill.billing.collections.models import CollectionStep, NoCutDay
from ispbill.billing.collections.overdue.api import blueprint as blueprint
from ispbill.billing.collections.plans import queries
from ispbill.billing.collections.plans import service as plans
from ispbill.billing.collections.plans.policy import (
    LONGEST_NAME,
    MOST_DAYS_AFTER,
    MOST_DAYS_BEFORE,
    WEEKDAYS,
    StepFacts,
    Terms,
)
from ispbill.billing.collections.policy import Action, By, CountedFrom
from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.current import current
from ispbill.customers.suspension_reasons import queries as suspension_reasons
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, DecimalText, Identifier, MinorUnits, Text, WholeNumber
from ispbill.web.rest.resources import once, referred, reread
from ispbill.web.rest.schemas import Body

_NO_STEP, _NO_DAY = "There is no such step.", "There is no such day."
_MOST_GRACE, _LONGEST_PROMISE = 60, 90


def _yes_or_no(**options: Any) -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, **options)


class TermsBody(Body):
    """From which amount and how late steps are taken, and when nobody is cut off; weekdays are 1 (Monday) to 7."""

    is_enabled = _yes_or_no()
    minimum_minor = MinorUnits()
    currency = Currency()
    grace_days = WholeNumber(least=0, most=_MOST_GRACE)
    longest_promise_days = WholeNumber(least=1, most=_LONGEST_PROMISE)
    needs_handover = _yes_or_no()
    notice_days = WholeNumber(least=0, most=_MOST_GRACE)
    no_cut_weekdays = fields.List(WholeNumber(least=1, most=len(WEEKDAYS)), validate=validate.Length(max=6))
    suspension_reason_id = Identifier()
    fee_tax_rate_id = Identifier(allow_none=True)


class StepBody(Body):
    """A step: `days` after (below zero, before) the due day or the day of issue."""

    name = Text(most=LONGEST_NAME, least=1, required=True)
    action = Choice(Action, required=True)
    days = WholeNumber(least=-MOST_DAYS_BEFORE, most=MOST_DAYS_AFTER, required=True)
    counted_from = Choice(CountedFrom)
    template = Choice(tuple(TEMPLATES), metadata={"description": "The message that goes with it; empty: none"})
    channel = Choice(By)
    fee_flat_minor = MinorUnits()
    currency = Currency()
    fee_percent = DecimalText()
    repeat_every_days = WholeNumber(least=1, most=MOST_DAYS_AFTER, allow_none=True)
    most_times = WholeNumber(least=1, most=MOST_DAYS_AFTER, allow_none=True)
    is_active = _yes_or_no()


class NewStepBody(StepBody):
    """A step to add; what is not sent is as usual: from the due day, by e-mail, once, in force."""


class FreeDayBody(Body):
    """A day on which nobody is cut off: everywhere, or in an area and all that lies in it."""

    day = Day(required=True)
    name = Text(most=LONGEST_NAME, least=1, required=True)
    area_id = Identifier(load_default=None, allow_none=True)


class FreeDaysQuery(Body):
    """From which day on; today where nothing is said."""

    since = Day(load_default=None)


class CollectionTerms(Schema):
    """How collections work."""

    is_enabled = fields.Boolean(required=True)
    counted_since = fields.Date(required=True, allow_none=True, metadata={
        "description": "What was due before is taken as due on that day"
    })
    minimum_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    grace_days = fields.Integer(required=True)
    longest_promise_days = fields.Integer(required=True)
    needs_handover = fields.Boolean(required=True)
    notice_days = fields.Integer(required=True)
    no_cut_weekdays = fields.Function(
        lambda row: list(map(int, row.no_cut_weekdays)), metadata={"type": "array", "items": {"type": "integer"}},
        required=True,
    )
    suspension_reason_id = Identifier(required=True)
    fee_tax_rate_id = Identifier(required=True, allow_none=True)


class PlannedStep(Schema):
    """A step of the plan."""

    id = Identifier(required=True)
    name = fields.String(required=True)
    action = Choice(Action, required=True)
    days = fields.Integer(required=True)
    counted_from = Choice(CountedFrom, required=True)
    template = fields.String(required=True)
    channel = Choice(By, required=True)
    fee_flat_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    fee_percent = DecimalText(required=True)
    repeat_every_days = fields.Integer(required=True, allow_none=True)
    most_times = fields.Integer(required=True, allow_none=True)
    is_active = fields.Boolean(required=True)


class CollectionPlan(Schema):
    """The plan in force."""

    terms = fields.Nested(CollectionTerms, required=True)
    steps = fields.List(fields.Nested(PlannedStep), required=True)


class FreeDay(Schema):
    """A day on which nobody is cut off."""

    id = Identifier(required=True)
    day = fields.Date(required=True)
    name = fields.String(required=True)
    area_id = Identifier(required=True, allow_none=True)


class FreeDays(Schema):
    """The days that are kept free, the next one first."""

    items = fields.List(fields.Nested(FreeDay), required=True)


@blueprint.get("/plan")
@requires("view_settings")
@blueprint.response(200, CollectionPlan)
def plan() -> dict[str, Any]:
    """Get the plan: its terms, and all its steps."""
    return _plan()


@blueprint.patch("/plan")
@requires("change_settings")
@blueprint.arguments(TermsBody)
@blueprint.response(200, CollectionPlan)
def change_terms(body: dict[str, Any]) -> dict[str, Any]:
    """Change what is sent of the terms, from the next morning on. Switching on takes what is overdue as due today."""
    if body.get("fee_tax_rate_id") is not None:
        referred(taxes.get, body["fee_tax_rate_id"], "fee_tax_rate_id")
    if "suspension_reason_id" in body:
        referred(suspension_reasons.get, body["suspension_reason_id"], "suspension_reason_id")
    row = collections.policy()
    known = {field.name: getattr(row, field.name) for field in fields_of(Terms)}
    known["no_cut_weekdays"] = tuple(map(int, row.no_cut_weekdays))
    plans.change_terms(Terms(**{**known, **body}))
    return _plan()


@blueprint.post("/plan/steps")
@requires("change_settings")
@once()
@blueprint.arguments(NewStepBody)
@blueprint.response(201, PlannedStep)
def add_step(body: dict[str, Any]) -> CollectionStep:
    """Add a step. Only one that is in force may suspend, and one terminate."""
    return reread(queries.step, plans.add_step(StepFacts(**body)).id)


@blueprint.patch("/plan/steps/<int:step_id>")
@requires("change_settings")
@blueprint.arguments(StepBody(partial=True))
@blueprint.response(200, PlannedStep)
def change_step(body: dict[str, Any], step_id: int) -> CollectionStep:
    """Change what is sent of a step, or switch it off; what was done stays done."""
    step = found(queries.step(step_id), _NO_STEP)
    known = {field.name: getattr(step, field.name) for field in fields_of(StepFacts)}
    plans.change_step(step, StepFacts(**{**known, **body}))
    return reread(queries.step, step_id)


@blueprint.post("/plan/steps/<int:step_id>/remove")
@requires("change_settings")
@once()
@blueprint.response(200, CollectionPlan)
def remove_step(step_id: int) -> dict[str, Any]:
    """Take a step out of the plan that was never taken; one that was is switched off instead."""
    plans.remove_step(found(queries.step(step_id), _NO_STEP))
    return _plan()


@blueprint.get("/plan/days")
@requires("view_settings")
@blueprint.arguments(FreeDaysQuery, location="query")
@blueprint.response(200, FreeDays)
def free_days(query: dict[str, Any]) -> dict[str, Sequence[Any]]:
    """List the days on which nobody is cut off."""
    return {"items": queries.days_kept_free(query["since"] or current.today())}


@blueprint.post("/plan/days")
@requires("change_settings")
@once()
@blueprint.arguments(FreeDayBody)
@blueprint.response(201, FreeDay)
def keep_free(body: dict[str, Any]) -> NoCutDay:
    """Cut nobody off on a day, such as a holiday."""
    if body["area_id"] is not None:
        referred(areas.get, body["area_id"], "area_id")
    return reread(queries.day_kept_free, plans.keep_free(**body).id)


@blueprint.post("/plan/days/<int:no_cut_day_id>/remove")
@requires("change_settings")
@once()
@blueprint.response(200, FreeDays)
def release(no_cut_day_id: int) -> dict[str, Sequence[Any]]:
    """Let people be cut off on a day again; answers with the days that are left, from today on."""
    plans.release(found(queries.day_kept_free(no_cut_day_id), _NO_DAY))
    return {"items": queries.days_kept_free(current.today())}


def _plan() -> dict[str, Any]:
    return {"terms": collections.policy(), "steps": collections.steps()}
