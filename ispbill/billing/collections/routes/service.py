"""Giving collectors their areas."""
from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from ispbill.accounts.models import User
from ispbill.areas import queries as areas
from ispbill.billing.collections.routes import queries
from ispbill.billing.collections.routes.models import CollectorArea
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _


def assign(collector: User, *, area_ids: Collection[int]) -> User:
    """Let a collector go through these areas, and no others. Raises Invalid for who may not collect, or an area that
    does not exist.
    """
    if queries.collector(collector.id) is None:
        raise Invalid(_("%(name)s has no right to collect at the door.", name=collector.full_name), field="user_id")
    wanted, known = set(area_ids), {key for key, _path in areas.choices()}
    if not wanted <= known:
        raise Invalid(_("There is no such area."), field="area_ids")
    present = db.session.scalars(select(CollectorArea).where(CollectorArea.user_id == collector.id))
    rows = {row.area_id: row for row in present}
    for key in rows.keys() - wanted:
        db.session.delete(rows[key])
    db.session.add_all([CollectorArea(user_id=collector.id, area_id=key) for key in sorted(wanted - rows.keys())])
    db.session.flush()
    return collector
