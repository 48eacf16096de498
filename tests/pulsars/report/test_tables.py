"""What stands beside each artifact in a list of the Prefect UI."""

from __future__ import annotations

from typing import Any

import pytest

from pulsars.report.artifact_words import describe_measured, describe_test
from tests.pulsars.report.test_training_page import meaning, measured


def found(**changes: Any) -> dict[str, Any]:
    test = measured(3234, 18, 53, 275)
    return {"parts": {"test": test}, **meaning(), **changes}


def test_every_artifact_begins_with_its_numbers() -> None:
    said = describe_measured(found())
    assert said["confusion-matrix"] == "275 of 328 pulsars found, 18 false alarms: test part"
    assert said["leak-control"].startswith("F1 0.934 claimed, 0.828 true")
    assert said["worst-mistakes"].startswith("53 missed pulsars, 18 false alarms")
    assert said["projection"].startswith("Precision 50.0\u00a0% at one in 10,000")
    assert said["budget"] == "83.8\u00a0% of the pulsars among the first 293"
    assert said["calibration"].startswith("0.012 ")


@pytest.mark.parametrize("missing", ["projection", "budget"])
def test_what_is_not_defined_is_said_so(missing: str) -> None:
    assert describe_measured(found(**{missing: None}))[missing].startswith("no ")
    leak = {"not_measured": "there are too few"}
    assert describe_measured(found(leak=leak))["leak-control"].startswith("not measured")


def test_intervals_are_given_where_there_are_any() -> None:
    known = {"value": 0.894, "low": 0.869, "high": 0.917}
    unknown = {"value": None, "low": None, "high": None}
    assert describe_test({"f1": known, "average_precision": unknown}) == (
        "F1 0.894 (0.869–0.917), AP —"
    )
    assert describe_test({"average_precision": known}) == "AP 0.894 (0.869–0.917)"
