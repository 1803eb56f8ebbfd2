"""The verb of the proof: look for every fault and keep what was found."""
from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal_column, select

from ispbill.billing.proof.models import BooksCheck
from ispbill.billing.proof.policy import INVARIANTS, Result, as_rows
from ispbill.billing.proof.queries import FAULTS
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db

# Of what breaks an invariant, so many rows are kept: enough to start looking.
SAMPLE = 25
# The books of a hundred thousand customers over years are read whole, which a page's limit does not allow for.
_PATIENCE = "600s"


def check() -> BooksCheck:
    """Prove the books now and keep the result. Reads everything, changes nothing else."""
    db.session.execute(select(func.set_config("statement_timeout", _PATIENCE, True)))
    results = [_look_for(invariant.code) for invariant in INVARIANTS]
    proof = BooksCheck(
        checked_on=current.today(), checked_at=current.now(), checked_by=current.actor.name,
        finding_count=sum(result.found for result in results), results=as_rows(results),
    )
    db.session.add(proof)
    db.session.flush()
    return proof


def _look_for(code: str) -> Result:
    faults = FAULTS[code]().subquery()
    rows = db.session.execute(
        select(faults, func.count().over().label("found")).order_by(literal_column("1")).limit(SAMPLE)
    ).all()
    return Result(code, rows[0].found if rows else 0, [_finding(row) for row in rows])


def _finding(row: AnyRow) -> dict[str, Any]:
    """A finding as JSON; amounts in minor units, or whatever numbers the invariant compares."""
    return {
        "id": str(row.subject_id), "label": row.label, "expected": _whole(row.expected), "actual": _whole(row.actual),
    }


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
