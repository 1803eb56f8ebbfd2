"""Bringing a file in by hand: a fault is found, mended, the file comes in by the worker, and is taken back."""
from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ispbill.core.spreadsheets import write_workbook
from tests.browser.visiting import DESKTOP, PHONE, Visitor

HEADER = ["Full name", "Mobile", "E-mail", "Colour", "Bills by mail"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_file_with_a_fault_is_mended_brought_in_and_taken_back(
    visit: Callable[..., Visitor], worker: subprocess.Popen[bytes], tmp_path: Path, viewport: dict[str, int]
) -> None:
    file = tmp_path / "subscribers.xlsx"
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    _upload(visitor, file, "ana at example")
    page = visitor.page
    expect(page.get_by_role("main")).to_contain_text("1 thing to mend", timeout=150_000)
    expect(page.get_by_role("main")).to_contain_text("is not an e-mail address")
    visitor.press("Upload the mended file")
    _upload(visitor, file, "ana@example.com")
    expect(page.get_by_role("main")).to_contain_text("Compare these with where the file comes from", timeout=150_000)
    visitor.look()
    visitor.press("Bring in 2 lines")
    assert worker.poll() is None
    expect(page.get_by_role("main")).to_contain_text("Every line was brought in", timeout=150_000)
    visitor.look()
    expect(visitor.open("/customers").get_by_role("main")).to_contain_text("Ana Cruz")
    visitor.open("/imports")
    visitor.press("subscribers.xlsx")
    visitor.press("Take back")
    visitor.press("Take back the import")
    expect(page.get_by_role("main")).to_contain_text("2 lines are undone, 0 stayed", timeout=150_000)
    expect(visitor.open("/customers").get_by_role("main")).not_to_contain_text("Ana Cruz")
    visitor.assert_content()


def _upload(visitor: Visitor, file: Path, email: str) -> None:
    rows = [["Ana Cruz", "0917 123 4567", email, "red", "01/02/2026"], ["Ben Reyes", "", "", "blue", ""]]
    file.write_bytes(write_workbook("Subscribers", HEADER, rows))
    page = visitor.open("/imports/new/customers")
    page.locator("input[type=file]").set_input_files(file)
    visitor.press("Upload")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Which column is which?")
    expect(page.get_by_role("main")).to_contain_text("Colour · not used")
    page.get_by_label("E billing since").select_option("Bills by mail")
    page.get_by_label("Dates are written").select_option(label="day/month/year, like 31/03/2026")
    visitor.press("Look at the file")
