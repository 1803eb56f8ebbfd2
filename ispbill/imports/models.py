"""Files brought in: what each line was, what came of it, and what it changed, so that a batch can be taken back."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class ImportStatus(StrEnum):
    """The life of an uploaded file: it waits, is looked at and brought in part by part, perhaps taken back that way."""

    CHECKED = "checked"
    LOOKING = "looking"
    RUNNING = "running"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"


class RowStatus(StrEnum):
    """What came of a line. One that is taken back is `undone`; one that is in use by then is `kept`."""

    WAITING = "waiting"
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    UNDONE = "undone"
    KEPT = "kept"


class ImportBatch(TenantModel):
    """One file brought in: what it was, who did it, what came of it.

    Its content is kept until it runs, with its first lines as its `head`; its lines from the look on. `mapping` says
    which of the file's columns stands for which of ours, `notation` how it writes days and numbers; `report` is what
    the look found so far. `finished_at` is when its last line was brought in, or taken back.
    """

    # Each import leaves one note that says more; the uploaded text must not be copied into the record.
    __audited__ = False
    __tablename__ = "import_batches"
    __table_args__ = (
        CheckConstraint(
            "status IN ('checked', 'looking', 'running', 'imported', 'undoing', 'undone')", name="status"
        ),
        Index("ix_import_batches_working", "id", postgresql_where=text("status IN ('looking', 'running', 'undoing')")),
        Index("ix_import_batches_finished_at", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    )

    kind: Mapped[str] = mapped_column(server_default=text("'customers'"))
    file_name: Mapped[str]
    file_digest: Mapped[str]
    file_format: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(deferred=True)
    head: Mapped[list[list[str]] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    mapping: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    notation: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    start_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(server_default=text("'imported'"))
    row_count: Mapped[int]
    created_count: Mapped[int]
    updated_count: Mapped[int] = mapped_column(server_default=text("0"))
    unchanged_count: Mapped[int]
    refused_count: Mapped[int] = mapped_column(server_default=text("0"))
    imported_by: Mapped[str]
    created_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def done_count(self) -> int:
        """How many lines something has come of."""
        return self.created_count + self.updated_count + self.unchanged_count + self.refused_count

    @property
    def looked_count(self) -> int:
        """How many lines were looked at."""
        return self.report["looked"] if self.report else 0

    @property
    def is_working(self) -> bool:
        """Whether a worker is at it, or should be."""
        return self.status in (ImportStatus.LOOKING, ImportStatus.RUNNING, ImportStatus.UNDOING)


class ImportRow(TenantModel):
    """A line of a file: its cells under our names while they may be needed, and what came of it.

    The look notes by which `keys` (pairs of column and value) the line stands for something, and its `errors`, each
    as column, value, problem and hint.
    """

    __audited__ = False
    __tablename__ = "import_rows"
    __table_args__ = (
        UniqueConstraint("batch_id", "line"),
        CheckConstraint(
            "status IN ('waiting', 'created', 'updated', 'unchanged', 'refused', 'undone', 'kept')", name="status"
        ),
        Index("ix_import_rows_status", "batch_id", "status", "line"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id", ondelete="CASCADE"))
    line: Mapped[int]
    cells: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    keys: Mapped[list[list[str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    errors: Mapped[list[list[str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    status: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    column_name: Mapped[str] = mapped_column(server_default=text("''"))
    problem: Mapped[str] = mapped_column(server_default=text("''"))


class ImportEffect(TenantModel):
    """A row of a table that a line made, or changed from `before` to `after`."""

    __audited__ = False
    __tablename__ = "import_effects"
    __table_args__ = (
        Index("ix_import_effects_batch_id", "batch_id", "line", "id"),
        Index("ix_import_effects_row_id", "row_id", "table_name"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id", ondelete="CASCADE"))
    line: Mapped[int]
    table_name: Mapped[str]
    row_id: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class ImportMapping(TenantModel):
    """Which columns of this company's files stand for which of ours, as last said, by kind: our name → theirs.

    With how they write days and numbers.
    """

    __tablename__ = "import_mappings"
    __table_args__ = (UniqueConstraint("kind"),)

    kind: Mapped[str]
    columns: Mapped[dict[str, str]] = mapped_column(JSONB)
    notation: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
