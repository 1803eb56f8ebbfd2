"""LCPs and NAPs as kinds of import, known by their codes. A NAP brings the splitter along that feeds it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ispbill.areas import queries as areas
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.tables import Row, Table
from ispbill.imports.kinds import Kind, Terms
from ispbill.imports.policy import Effect, Key, Loaded, Step, Total, differing, given_in
from ispbill.plant.imports.policy import LCP_COLUMNS, NAP_COLUMNS, judged, place_of
from ispbill.plant.lcps import queries as lcp_queries
from ispbill.plant.lcps import service as lcps
from ispbill.plant.models import Lcp, Nap, NapPort, Splitter
from ispbill.plant.naps import queries as nap_queries
from ispbill.plant.naps import service as naps
from ispbill.plant.policy import (
    DEFAULT_DROP_METRES,
    DEFAULT_PORTS,
    DEFAULT_SPLITTERS,
    LcpFacts,
    NapFacts,
    SplitterFacts,
    checked_lcp,
    checked_nap,
    checked_splitter,
)

_DEFAULT_OUTPUTS = 8


@dataclass(frozen=True, slots=True)
class _ListedNap:
    """A NAP of a file, and what feeds it."""

    facts: NapFacts
    lcp: Lcp
    splitter: SplitterFacts


def load_lcps(table: Table, terms: Terms) -> Loaded:
    """Each line as an LCP, with what of it differs from the one of its code."""
    area_ids = areas.ids_by_path()
    read = [(row, facts) for row in table.rows if (facts := _read_lcp(row, area_ids)) is not None]
    known = lcp_queries.by_codes([facts.code for _, facts in read])
    return _loaded(table, [
        _step(row, facts, asdict(facts), known.get(facts.code)) for row, facts in read if not row.errors
    ], _("LCPs in the file"), [(row.line, "code", facts.code) for row, facts in read])


def write_lcps(steps: Sequence[Step], terms: Terms) -> list[Effect]:
    """Put up new LCPs, correct known ones."""
    return [
        _changed(step, LcpFacts, lambda lcp, facts: lcps.change(lcp, facts=facts)) if step.known else
        Effect(step.line, Lcp.__tablename__, lcps.add(step.facts).id)
        for step in steps
    ]


def load_naps(table: Table, terms: Terms) -> Loaded:
    """Each line as a NAP under an LCP that is there, with what of it differs from the one of its code."""
    area_ids = areas.ids_by_path()
    cabinets = lcp_queries.by_codes([row.text("lcp").upper() for row in table.rows])
    read = [(row, nap) for row in table.rows if (nap := _read_nap(row, area_ids, cabinets)) is not None]
    known = nap_queries.by_codes([nap.facts.code for _, nap in read])
    loaded = _loaded(table, [
        _step(row, nap, asdict(nap.facts), known.get(nap.facts.code)) for row, nap in read if not row.errors
    ], _("NAPs in the file"), [(row.line, "code", nap.facts.code) for row, nap in read])
    ports = sum(nap.facts.port_count for _, nap in read)
    return replace(loaded, totals=[*loaded.totals, Total(_("Their ports together"), ports)])


def write_naps(steps: Sequence[Step], terms: Terms) -> list[Effect]:
    """Hang new NAPs on their splitters, which are mounted where they are not there; correct known ones."""
    fresh = [step for step in steps if step.known is None]
    mounted = lcp_queries.splitters_in(sorted({step.facts.lcp.id for step in steps}))
    effects = [effect for step in fresh for effect in _mount(step, mounted)]
    hung = naps.add_all([(step.facts.facts, mounted[_splitter_of(step)]) for step in fresh])
    return [
        *effects, *(Effect(step.line, Nap.__tablename__, nap.id) for step, nap in zip(fresh, hung, strict=True)),
        *(_changed(step, NapFacts, lambda nap, facts: naps.change(nap, facts=facts)) for step in steps if step.known),
    ]


def _read_lcp(row: Row, area_ids: Mapping[tuple[str, ...], int]) -> LcpFacts | None:
    facts = LcpFacts(
        code=row.text("code", required=True), name=row.text("name", required=True),
        splitter_capacity=row.whole("splitter_capacity", low=1, high=128) or DEFAULT_SPLITTERS,
        **place_of(row, area_ids),
    )
    return judged(row, facts, checked_lcp)


def _read_nap(row: Row, area_ids: Mapping[tuple[str, ...], int], cabinets: Mapping[str, Lcp]) -> _ListedNap | None:
    facts = judged(row, NapFacts(
        code=row.text("code", required=True), port_count=row.whole("port_count", low=1, high=64) or DEFAULT_PORTS,
        max_drop_metres=row.whole("max_drop_metres", low=1, high=5000) or DEFAULT_DROP_METRES,
        **place_of(row, area_ids),
    ), checked_nap)
    outputs = row.whole("splitter_outputs", low=2, high=64) or _DEFAULT_OUTPUTS
    splitter = judged(
        row, SplitterFacts(code=row.text("splitter", required=True), output_count=outputs), checked_splitter,
        columns={"code": "splitter", "output_count": "splitter_outputs"},
    )
    lcp = cabinets.get(row.text("lcp").upper())
    if lcp is None and row.text("lcp", required=True):
        row.refuse("lcp", _("There is no LCP with this code."), _("Bring the LCPs in first."))
    return _ListedNap(facts, lcp, splitter) if facts and splitter and lcp else None


def _step(row: Row, facts: Any, values: Mapping[str, Any], known: Any) -> Step:
    given = {"area_id" if name == "area" else name for name in given_in(row)}
    return Step(row.line, facts, known, differing(known, values, given=given) if known else {})


def _loaded(table: Table, steps: Sequence[Step], label: str, keys: Sequence[Key]) -> Loaded:
    return Loaded(steps, [error for row in table.rows for error in row.errors], [Total(label, len(steps))], keys)


def _changed(step: Step, facts_class: type, change: Any) -> Effect:
    row, changes = step.known, step.changes
    before = {name: getattr(row, name) for name in changes}
    now = facts_class(**{field.name: getattr(row, field.name) for field in fields(facts_class)})
    change(row, replace(now, **changes))
    return Effect(step.line, row.__tablename__, row.id, before, changes)


def _splitter_of(step: Step) -> tuple[int, str]:
    return step.facts.lcp.id, step.facts.splitter.code


def _mount(step: Step, mounted: dict[tuple[int, str], Splitter]) -> list[Effect]:
    key = _splitter_of(step)
    if key in mounted:
        return []
    mounted[key] = lcps.mount(step.facts.lcp, facts=step.facts.splitter)
    return [Effect(step.line, Splitter.__tablename__, mounted[key].id)]


LCPS = Kind(
    code="lcps", label=lazy("LCPs"), permission="add_lcp",
    undo_permission="delete_lcp", columns=lambda: LCP_COLUMNS, load=load_lcps,
    write=write_lcps,
    models=(Lcp,), key="code",
)
NAPS = Kind(
    code="naps", label=lazy("NAPs and splitters"), permission="manage_lcp_infrastructure",
    undo_permission="manage_lcp_infrastructure", columns=lambda: NAP_COLUMNS,
    load=load_naps, write=write_naps, models=(Nap, Splitter), owned=frozenset({NapPort.__tablename__}), key="code",
)
