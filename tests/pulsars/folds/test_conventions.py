"""Folds of one kind are told from those of another."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pulsars.folds.conventions import convention_sentence, kinds_of
from pulsars.store import write_partitions


def test_a_table_says_of_which_folds_it_is(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "section": ["", "FFT", "FFT"],
            "telescope": ["LOFAR", "Parkes", "Parkes"],
            "fold_sha256": ["a", "b", "c"],
        }
    )
    stored = write_partitions(tmp_path / "a.parquet", [table])
    assert kinds_of(stored, list(table)) == [".pfd of LOFAR", ".phcx, section FFT of Parkes"]
    assert kinds_of(stored, ["telescope", "fold_sha256"]) == [".pfd of LOFAR", ".pfd of Parkes"]
    assert kinds_of(stored, ["fold_sha256"]) == [".pfd"]
    assert kinds_of(stored, ["section", "telescope"]) == []


def test_kinds_that_differ_are_named_and_so_are_folds_that_a_table_may_not_be_of() -> None:
    pfd, fft = [".pfd of LOFAR"], [".phcx, section FFT of Parkes"]
    said = convention_sentence(pfd, fft, run="a-run")
    assert pfd[0] in said
    assert fft[0] in said
    unknown = convention_sentence(pfd, [], run="a-run")
    assert pfd[0] in unknown
    assert "not known" in unknown
    for scored, learnt in ((pfd, pfd), ([], fft), ([], []), (pfd, [*pfd, *fft])):
        assert convention_sentence(scored, learnt, run="a-run") == ""


def test_a_telescope_written_in_capitals_or_with_more_blanks_is_the_same() -> None:
    learnt = [".pfd of Green Bank", ".phcx, section FFT of Parkes"]
    for one in (".pfd of  GREEN  Bank ", ".phcx, section FFT of parkes"):
        assert convention_sentence([one], learnt, run="a-run") == ""
    said = convention_sentence([".pfd of  gbt", ".pfd of GREEN BANK"], learnt, run="a-run")
    assert "(.pfd of  gbt)" in said
    assert "Green Bank; .phcx" in said
