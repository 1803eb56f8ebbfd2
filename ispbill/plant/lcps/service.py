"""Verbs of LCPs and splitters. An LCP holds so many splitters, a splitter feeds so many NAPs; what is used stays."""
from __future__ import annotations

from dataclasses import asdict

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _
from ispbill.plant.lcps import queries
from ispbill.plant.models import Lcp, Splitter
from ispbill.plant.policy import LcpFacts, SplitterFacts, check_room, check_shrinking, checked_lcp, checked_splitter


def add(facts: LcpFacts) -> Lcp:
    """Put up an LCP. Raises Invalid; the database refuses a code that another has."""
    lcp = Lcp(**asdict(checked_lcp(facts)), created_at=current.now())
    db.session.add(lcp)
    db.session.flush()
    return lcp


def change(lcp: Lcp, *, facts: LcpFacts) -> Lcp:
    """Correct what is known of an LCP. Raises Invalid, also for less room than its splitters take."""
    known = checked_lcp(facts)
    _lock(lcp)
    check_shrinking(queries.count_splitters(lcp.id), known.splitter_capacity, field="splitter_capacity",
                    noun="splitters")
    for name, value in asdict(known).items():
        setattr(lcp, name, value)
    db.session.flush()
    return lcp


def remove(lcp: Lcp) -> Lcp:
    """Take an LCP out of the plant. Raises Conflict while a splitter is in it."""
    _lock(lcp)
    if queries.count_splitters(lcp.id):
        raise Conflict(_("Splitters are in %(code)s. Remove those first.", code=lcp.code))
    db.session.delete(lcp)
    db.session.flush()
    return lcp


def mount(lcp: Lcp, *, facts: SplitterFacts) -> Splitter:
    """Mount a splitter in an LCP. Raises Invalid, or Conflict where the LCP is full."""
    known = checked_splitter(facts)
    _lock(lcp)
    check_room(queries.count_splitters(lcp.id), lcp.splitter_capacity, noun="splitters", of=lcp.code)
    splitter = Splitter(**asdict(known), lcp_id=lcp.id)
    db.session.add(splitter)
    db.session.flush()
    return splitter


def change_splitter(splitter: Splitter, *, facts: SplitterFacts) -> Splitter:
    """Correct a splitter. Raises Invalid, also for fewer outputs than NAPs hang on it."""
    known = checked_splitter(facts)
    _lock_splitter(splitter)
    check_shrinking(queries.count_naps(splitter.id), known.output_count, field="output_count", noun="NAPs")
    for name, value in asdict(known).items():
        setattr(splitter, name, value)
    db.session.flush()
    return splitter


def dismount(splitter: Splitter) -> Splitter:
    """Take a splitter out of its LCP. Raises Conflict while it feeds a NAP."""
    _lock_splitter(splitter)
    if queries.count_naps(splitter.id):
        raise Conflict(_("NAPs hang on %(code)s. Remove those first.", code=splitter.code))
    db.session.delete(splitter)
    db.session.flush()
    return splitter


def _lock_splitter(splitter: Splitter) -> None:
    """Let two people who count the NAPs of a splitter go one after the other."""
    db.session.refresh(splitter, ["output_count"], with_for_update=True)


def _lock(lcp: Lcp) -> None:
    db.session.refresh(lcp, ["splitter_capacity"], with_for_update=True)
