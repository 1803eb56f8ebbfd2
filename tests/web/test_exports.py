"""Exported lists: readable by spreadsheets, and never a formula in them."""
from __future__ import annotations

import csv
import io

from ispbill.core.current import TenantRef
from ispbill.core.spreadsheets import read_file
from ispbill.web.exports import csv_response, csv_text
from ispbill.web.requests import IspbillFlask


def test_a_download_names_the_list_and_the_local_day(app: IspbillFlask, tenant: TenantRef) -> None:
    with app.test_request_context():
        response = csv_response("customers", ["name"], [["Peña"]])
    assert "customers-2026-03-10.csv" in response.headers["Content-Disposition"]
    assert response.get_data().decode("utf-8-sig").splitlines() == ["name", "Peña"]


def test_the_same_list_is_a_workbook_where_one_asks_for_it(app: IspbillFlask, tenant: TenantRef) -> None:
    with app.test_request_context("/?format=xlsx"):
        response = csv_response("customers", ["name", "amount"], [["=1+1", -5]])
    assert "customers-2026-03-10.xlsx" in response.headers["Content-Disposition"]
    assert [row.cells for row in read_file(response.get_data()).rows] == [{"name": "=1+1", "amount": "-5"}]


def test_a_formula_is_text_and_a_number_stays_one() -> None:
    rows = list(csv.reader(io.StringIO(csv_text(["a"], [["=1+1"], ["-12.50"], ["@x"], [None], ["two\nlines"]]))))
    assert rows == [["a"], ["'=1+1"], ["-12.50"], ["'@x"], [""], ["two\nlines"]]
