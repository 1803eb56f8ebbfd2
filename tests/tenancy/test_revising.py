"""The next revision is drafted from the difference between the models and the head of the history."""

from __future__ import annotations

import shutil
from pathlib import Path

from ispbill.tenancy import installing, revising, templates
from tests.tenancy.conftest import LongerHistory


def test_without_a_change_in_the_models_the_draft_is_empty(context: None, history: LongerHistory) -> None:
    draft = revising.draft_tenant_revision("Nothing new", history=history.path)
    following, text = f"{int(history.head) + 1:04d}", draft.read_text()
    assert draft.parent == history.path / "versions" and draft.name == f"{following}_nothing_new.py"
    assert f'revision = "{following}"' in text.replace("'", '"') and "op." not in text


def test_a_column_that_the_models_do_not_have_is_dropped_by_the_draft(
    context: None, history: LongerHistory
) -> None:
    history.grow(
        "ALTER TABLE customers ADD COLUMN nickname text; ALTER TABLE plans ALTER COLUMN code SET DEFAULT 'x'"
    )
    text = revising.draft_tenant_revision("Tidy up", history=history.path).read_text()
    assert text.startswith('"""Tidy up.') and "op.drop_column('customers', 'nickname')" in text
    assert "op.alter_column('plans', 'code'" in text


def test_nothing_is_left_of_the_schema_it_was_compared_with(context: None, history: LongerHistory) -> None:
    revising.draft_tenant_revision("One", history=history.path)
    revising.draft_tenant_revision(
        "Two", history=Path(shutil.copytree(templates.HISTORY, history.path / "again"))
    )


def test_the_platforms_history_is_drafted_too(context: None, tmp_path: Path) -> None:
    history = Path(shutil.copytree(installing.HISTORY, tmp_path / "platform"))
    text = revising.draft_platform_revision("Nothing new", history=history).read_text()
    assert "op." not in text
