"""Published billing cases come out of ispbill as published; what it does not do is said, never passed over."""
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conformance.__main__ import main
from tests.conformance.cases import Case, load
from tests.conformance.comparing import differences
from tests.conformance.playing import play

CASES = load(Path(__file__).with_name("published_cases.json"))
TOLD = [case for case in CASES if case.adopt != "behaviour"]
# What ispbill does otherwise, or the case does not tell: each with the word of the reason that is given for it.
NOT_HERE = {"F10": "rules", "L01": "retries", "L04": "currency"}


@pytest.mark.parametrize("case", TOLD, ids=[case.id for case in TOLD])
def test_a_published_case_comes_out_as_published(case: Case, context: None) -> None:
    verdict = play(case)
    if case.id in NOT_HERE:
        assert verdict.result == "not_applicable" and NOT_HERE[case.id] in verdict.reason
    else:
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
    verdict = play(Case("X1", "telepathy", "", "adopt", {"spoon": "bent"}, {"spoon": "straight"}, {}))
    assert verdict.result == "not_applicable" and "telepathy" in verdict.reason


def test_a_value_of_another_shape_is_said_and_no_error(context: None) -> None:
    (case,) = (case for case in CASES if case.id == "B01")
    verdict = play(replace(case, given={**case.given, "start": ["soon"]}))
    assert verdict.result == "not_applicable" and "soon" in verdict.reason


@pytest.mark.parametrize("id", ["N01", "N04", "N05", "N07"])
def test_a_behaviour_with_other_figures_than_the_test_proves_is_not_passed(id: str, context: None) -> None:
    (case,) = (case for case in CASES if case.id == id)
    figure = next(iter(case.expected))
    expected = {**case.expected, figure: [1, 2, 4] if id == "N07" else 7}
    verdict = play(replace(case, expected=expected))
    assert verdict.result == "fail" and figure in verdict.reason


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
