"""Published billing cases come out of ispbill as published; what it does not do is said, never passed over."""
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import main
from tests.conformance.cases import PUBLISHED, Case, Given, load
from tests.conformance.comparing import differences
from tests.conformance.playing import play

CASES = load(PUBLISHED)
WORKED = load(Path(__file__).with_name("worked_cases.json"))
# What ispbill does otherwise, or the case does not tell: each with the word of the reason that is given for it.
NOT_HERE = {"L01": "retries", "N10": "webhooks"}


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_published_case_comes_out_as_published(case: Case, context: None) -> None:
    verdict = play(case)
    if case.id in NOT_HERE:
        assert verdict.result == "not_applicable" and NOT_HERE[case.id] in verdict.reason
    else:
        assert verdict.result == "pass", verdict.reason


@pytest.mark.parametrize("case", WORKED, ids=[case.id for case in WORKED])
def test_an_example_on_a_published_rule_comes_out(case: Case, context: None) -> None:
    verdict = play(case)
    assert verdict.result == "pass", verdict.reason


@pytest.mark.parametrize(("id", "figure", "wrong"), [("B01", "561.24", "561.25"), ("H04", "9.21", "9.22")])
def test_a_figure_that_is_wrong_by_one_cent_fails(id: str, figure: str, wrong: str, context: None) -> None:
    (case,) = (case for case in CASES if case.id == id)
    told = json.loads(json.dumps(dict(case.expected)).replace(figure, wrong))
    verdict = play(replace(case, expected=told))
    assert verdict.result == "fail" and wrong in verdict.reason


def test_what_is_expected_and_nobody_answers_is_never_passed(context: None) -> None:
    (case,) = (case for case in CASES if case.id == "B01")
    verdict = play(replace(case, expected={**case.expected, "phase_of_the_moon": "full"}))
    assert verdict.result == "not_applicable" and "phase_of_the_moon" in verdict.reason


def test_a_case_of_an_unknown_kind_says_so(context: None) -> None:
    verdict = play(Case("X1", "telepathy", "", "adopt", Given({"spoon": "bent"}), {"spoon": "straight"}, {}))
    assert verdict.result == "not_applicable" and "telepathy" in verdict.reason


def test_a_value_of_another_shape_is_said_and_no_error(context: None) -> None:
    (case,) = (case for case in CASES if case.id == "B01")
    verdict = play(replace(case, given=Given({**case.given, "start": ["soon"]})))
    assert verdict.result == "not_applicable" and "soon" in verdict.reason


@pytest.mark.parametrize("id", ["N01", "N04", "N05", "N07"])
def test_a_behaviour_with_other_figures_than_come_out_fails(id: str, context: None) -> None:
    case = known(id)
    figure = next(iter(case.expected))
    expected = {**case.expected, figure: [1, 2, 4] if id == "N07" else 7}
    verdict = play(replace(case, expected=expected))
    assert verdict.result == "fail" and figure in verdict.reason


@pytest.mark.parametrize(("id", "given", "expected"), [
    ("N01", {"runs": 4}, {"new_invoices_second_run": 0}), ("N03", {"bound": 3}, {"result": "refused, parked"}),
    ("N05", {"workers": 9}, {"invoices": 1, "errors": 0}), ("N08", {"deliveries": 6}, {"transactions": 1}),
    ("N07", {"finalized": 3, "rolled_back": 4}, {"numbers": [1, 2, 3]}),
])
def test_a_behaviour_is_played_with_the_figures_of_its_case(
    id: str, given: dict[str, Any], expected: dict[str, Any], context: None
) -> None:
    verdict = play(replace(known(id), given=Given(given), expected=expected))
    assert verdict.result == "pass", verdict.reason


@pytest.mark.parametrize(("id", "expected", "result"), [
    ("N02", {"result": "two invoices"}, "not_applicable"), ("N02", {"result": "finalized"}, "fail"),
    ("N06", {"final_status": "lost"}, "not_applicable"), ("N06", {"final_status": "refused"}, "fail"),
])
def test_an_outcome_in_words_is_compared_by_its_meaning_and_never_repeated(
    id: str, expected: dict[str, Any], result: str, context: None
) -> None:
    assert play(replace(known(id), expected=expected)).result == result


def test_what_is_given_and_makes_no_difference_is_said(context: None) -> None:
    case = known("H04")
    verdict = play(replace(case, given=Given({**case.given, "loyalty_points": "7"})))
    assert verdict.result == "not_applicable" and "loyalty_points" in verdict.reason


@pytest.mark.parametrize(("id", "changes", "word"), [
    ("B01", {"conventions": {"proration": "per_second"}}, "per_second"),
    ("C10", {"given": {"billed": {"amount": "29.95", "period": ["2012-05-01", "2012-06-01"], "mood": 7}}}, "mood"),
    ("F16", {"given": {"unpaid": [{"date": "2026-01-01", "balance": "9.00", "status": "draft"}]}}, "status"),
    ("B04", {"given": {"plan_amount": "249.955"}}, "decimals"),
])
def test_what_ispbill_has_no_words_for_is_said(id: str, changes: dict[str, Any], word: str, context: None) -> None:
    case = known(id)
    given = Given({**case.given, **changes.get("given", {})})
    verdict = play(replace(case, given=given, conventions=changes.get("conventions", case.conventions)))
    assert verdict.result == "not_applicable" and word in verdict.reason


@pytest.mark.parametrize(("expected", "result"), [
    ({"invoice_balance": "0.00"}, "fail"), ({"error": "exceeds the invoice"}, "pass"),
    ({"error": "the moon is not full"}, "not_applicable"),
])
def test_a_refusal_passes_only_where_it_is_wanted_for_the_same_reason(
    expected: dict[str, Any], result: str, context: None
) -> None:
    given = Given({"invoice": "100.00", "credit_note": "120.00"})
    assert play(Case("X2", "credit_note", "", "adopt", given, expected, {})).result == result


def test_a_case_that_expects_nothing_is_never_passed(context: None) -> None:
    for expected in ({}, {"note": "as above"}, {"on_pause": {}}):
        verdict = play(replace(known("D01"), expected=expected))
        assert verdict.result == "not_applicable", expected


@pytest.mark.parametrize(("more", "result"), [
    ({"tax_code": "VAT"}, "not_applicable"), ({"tax_code": "VAT", "amount": "561.25"}, "fail"),
])
def test_what_a_line_tells_and_nobody_answers_is_said(more: dict[str, Any], result: str, context: None) -> None:
    case = known("B01")
    verdict = play(replace(case, expected={"lines": [case.expected["lines"][0] | more]}))
    assert verdict.result == result and ("tax_code" in verdict.reason or result == "fail")


def test_a_figure_beside_a_refusal_is_not_passed_over(context: None) -> None:
    given = Given({"invoice": "100.00", "credit_note": "120.00"})
    expected = {"error": "exceeds the invoice", "amount_remaining": "99.00"}
    verdict = play(Case("X3", "credit_note", "", "adopt", given, expected, {}))
    assert verdict.result == "not_applicable" and "amount_remaining" in verdict.reason


@pytest.mark.parametrize(("id", "more", "word"), [
    ("L01", {"grace_days": 5}, "grace_days"), ("D03", {"policy": "NEXT_MOON"}, "NEXT_MOON"),
    ("L04", {"events": [{"at": "2025-01-05T18:00", "EUR_paid": "9.00"}]}, "EUR_paid"),
    ("B15", {"steps": ["create 9.00 on 2025-06-01", "paint it blue on 2025-06-02"]}, "paint"),
    ("C13", {"change_to": "249.95 (in blue)"}, "blue"), ("M03", {"fees": "8 at 0.014"}, "fees"),
    ("M09", {"validity": "1 month"}, "thirty"), ("I09", {"periods": [{"usage": 9, "already": 0, "mood": 1}]}, "period"),
])
def test_a_word_of_a_case_that_makes_a_difference_is_not_passed_over(
    id: str, more: dict[str, Any], word: str, context: None
) -> None:
    case = known(id)
    expected = {name: value for name, value in case.expected.items() if name != "retries"}
    verdict = play(replace(case, given=Given({**case.given, **more}), expected=expected))
    assert verdict.result == "not_applicable" and word in verdict.reason, verdict


def test_a_case_may_say_only_what_differs_from_a_published_one_that_its_file_lacks(
    tmp_path: Path, context: None
) -> None:
    file = tmp_path / "cases.json"
    content = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    rows = [row for row in content["cases"] if row["id"] in ("L03", "I07")]
    file.write_text(json.dumps(rows), encoding="utf-8")
    assert [play(case).result for case in load(file)] == ["pass", "pass"]


def known(id: str) -> Case:
    """A published case by its id."""
    (case,) = (case for case in CASES if case.id == id)
    return case


def test_lines_are_compared_in_any_order_and_numbers_by_value() -> None:
    one, other = {"amount": "5.0"}, {"amount": "7.00"}
    assert differences({"lines": [one, other]}, {"lines": [{"amount": 7}, {"amount": 5}]}) == ([], [])
    assert differences({"lines": [one]}, {"lines": [{"amount": 6}]})[0]


@pytest.mark.parametrize("content", ["", "[1]", '{"cases": 7}', '{"cases": [{"id": "A"}]}'])
def test_a_file_of_another_shape_is_refused_with_a_sentence(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main([str(file)])
    assert stopped.value.code == 2 and capsys.readouterr().err
