"""The form of a schedule."""
from __future__ import annotations

from wtforms import SelectField

from ispbill.core.i18n import lazy
from ispbill.reports.contents import REPORTS
from ispbill.reports.schedules.policy import RHYTHM_LABELS
from ispbill.web.forms import Form, IdField, options


class ScheduleForm(Form):
    """Which report, how often, for whom."""

    report = SelectField(lazy("Report"))
    rhythm = SelectField(lazy("How often"), choices=options(RHYTHM_LABELS.items()))
    user_id = IdField(lazy("For whom"))

    def offer(self, *, names: list[str], people: list[tuple[int, str]]) -> None:
        """Set the reports and the people to choose from."""
        self.report.choices = options([(name, REPORTS[name].title) for name in names])
        self.user_id.offer(people)
