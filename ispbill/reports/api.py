"""What dashboards elsewhere ask of this company's numbers."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from ispbill.core.current import current
from ispbill.reports import policy, queries
from ispbill.web.guards import requires
from ispbill.web.rest.resources import resource
from ispbill.web.rest.schemas import Body

blueprint = resource(
    "dashboard", address="/dashboard/api", description="Numbers of the dashboard, day by day."
)
_DAYS, _MOST_DAYS = 30, 366


class DaysQuery(Body):
    """How many days, today included."""

    days = fields.Integer(load_default=_DAYS, validate=validate.Range(1, _MOST_DAYS))


class SignUps(Schema):
    """How many users were added on a day."""

    date = fields.Date(required=True)
    count = fields.Integer(required=True)


class SignUpList(Schema):
    """Every day of the span, the oldest first."""

    signups = fields.List(fields.Nested(SignUps), required=True)


@blueprint.get("/user-signups/")
@requires("view_dashboard")
@blueprint.arguments(DaysQuery, location="query")
@blueprint.response(200, SignUpList)
def user_sign_ups(query: dict[str, Any]) -> dict[str, Any]:
    """List the users added on each of the last days, today included."""
    since = current.today() - timedelta(days=query["days"] - 1)
    counted = queries.sign_ups(since)
    return {"signups": [{"date": day, "count": counted.get(day, 0)}
                        for day in policy.each_day(since, days=query["days"])]}
