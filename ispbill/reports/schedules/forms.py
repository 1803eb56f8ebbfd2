"""The form of a schedule."""
from __future__ import annotations

from wtforms import SelectField

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.reports.contents import REPORTS
from ispbill.reports.schedules.policy import FORMAT_LABELS, RHYTHM_LABELS
from ispbill.web.forms import Form, IdField, options


class ScheduleForm(Form):
    """Which report, how often, for whom."""

    report = SelectField(lazy("Report"))
    rhythm = SelectField(lazy("How often"), choices=options(RHYTHM_LABELS.items()))
    user_id = IdField(lazy("For whom"))
    area_id = IdField(lazy("Area"))
    file_format = SelectField(lazy("File"), choices=options(FORMAT_LABELS.items()))

    def offer(self, *, names: list[str], people: list[tuple[int, str]], areas: list[tuple[int, str]]) -> None:
        """Set the reports, the people and the areas to choose from."""
        self.area_id.offer(areas, empty=_("Any area"))
        self.report.choices = options([(name, REPORTS[name].title) for name in names])
        self.user_id.offer(people)
