from __future__ import annotations

from pathlib import Path

import pytest

from pulsars.report import words
from pulsars.report.rendering import render_html


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (0.8384, 3, "0.838"),
        (-0.4256, 3, "−0.426"),
        (17898.0, 0, "17,898"),
        (None, 3, "—"),
        (float("nan"), 3, "—"),
        (float("inf"), 3, "—"),
    ],
)
def test_a_number_is_written_as_a_person_writes_it(
    value: float | None, digits: int, written: str
) -> None:
    assert words.decimal(value, digits) == written


def test_a_count_is_grouped_by_thousands() -> None:
    assert words.whole(1234567.0) == "1,234,567"


def test_a_sign_is_always_there() -> None:
    assert {words.signed(zero) for zero in (-0.0, -0.004, 0.004)} == {"+0.00"}
    assert (words.signed(0.5), words.signed(-0.5), words.signed(0.0)) == ("+0.50", "−0.50", "+0.00")


def test_a_share_carries_its_interval_when_it_has_one() -> None:
    whole = {"value": 0.838, "low": 0.797, "high": 0.878}
    assert words.share(whole).replace("\u00a0", " ") == "83.8 %, 95 % interval 79.7–87.8 %"
    assert words.span(whole) == "0.797–0.878"
    bare = {"value": None, "low": None, "high": 0.9}
    assert words.share(bare) == "—"
    assert words.span(bare) == ""


def test_odds_are_the_exponential_of_a_logit_and_never_overflow() -> None:
    assert words.odds(0.0) == "1"
    assert words.odds(1.0) == "2.72"
    assert words.odds(-1.0) == "0.368"
    assert "inf" not in words.odds(1e6)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (0.05, "0.05"),
        ("f1", "f1"),
        ("\t", '"\\t"'),
        ("", '""'),
        ([], "none"),
        (["a", 2], "a, 2"),
        ({"dm_mean": 1, "said": None}, "DM mean: 1, said: —"),
    ],
)
def test_any_json_value_can_be_read(value: object, written: str) -> None:
    assert words.plain(value) == written


def test_a_name_from_the_code_becomes_words() -> None:
    assert words.spoken("dm_kurtosis") == "DM kurtosis"
    assert words.spoken("dm") == "DM"
    assert words.spoken("admitted_rows") == "admitted rows"


@pytest.mark.parametrize(
    ("text", "brief"),
    [
        ("0123456789ab" + 52 * "c", "0123456789ab…"),
        ("0123456789ab" + 51 * "c", "0123456789ab" + 51 * "c"),
        ("night/beam_03/cand_17.pfd", "cand_17.pfd"),
        ("s3://bucket/night/", "night"),
        ("J1819-1458", "J1819-1458"),
        ("1/2", "1/2"),
        ("J1819-1458/b", "J1819-1458/b"),
        ("<b>PSR</b> 1.5", "<b>PSR</b> 1.5"),
        ("58849.1234567891", "58849.123…"),
        ("-0.00012345678", "-0.00012345678…"),
        ("1.234567", "1.234567"),
        ("1844674407370955161", "1844674407370955161"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_of_a_hash_the_beginning_is_shown_and_of_a_path_the_end(text: str, brief: str) -> None:
    assert words.in_brief(text) == brief


def test_what_is_shown_in_brief_stands_whole_in_its_title(tmp_path: Path) -> None:
    (tmp_path / "row.html.j2").write_text(
        '{% from "named.html.j2" import named %}{{ named({"carried": carried}) }}'
    )
    carried = {"fold": 'night/"a"/cand_17.pfd', "fold_sha256": "a" * 64, "name": "J1"}
    text = render_html("row.html.j2", folder=tmp_path, carried=carried)
    assert '<span title="night/&#34;a&#34;/cand_17.pfd">cand_17.pfd</span>' in text
    assert f'fold_sha256 <span title="{"a" * 64}">{"a" * 12}…</span>' in text
    assert " ".join(text.split()).endswith(" · name J1</small>")
