"""Which of many files are folds."""

from __future__ import annotations

import time

import pytest

from pulsars.folds import finding
from schemas.errors import ParameterError
from schemas.handles import FileRef
from schemas.sources import Member, Source


def night(n_files: int) -> Source:
    """Give a folder of folds, every hundredth file of which is another."""
    names = [f"{at}.{'txt' if at % 100 == 0 else 'pfd'}" for at in range(n_files)]
    members = [
        Member(name=name, file=FileRef(path=f"night/{name}", sha256="0"), origin=f"night/{name}")
        for name in names
    ]
    return Source(origin="night", name="night", file=members[0].file, members=members)


def test_a_night_of_ten_thousand_folds_is_told_from_other_files_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "_is_fold", lambda member: member.name.endswith(".pfd"))
    source, began = night(10_000), time.process_time()
    found = finding.find_folds(source, ["night"])
    assert found
    assert "0.txt, 100.txt, 200.txt, 300.txt, 400.txt and 95 more" in found.note()
    assert time.process_time() - began < 5  # every file beside every other took a minute
    assert [one.name for one in found.folds] == [f"{at}.pfd" for at in range(10_000) if at % 100]
    assert found.passed_over == tuple(f"{at}.txt" for at in range(0, 10_000, 100))


def test_a_file_that_was_named_among_folds_and_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "_is_fold", lambda member: member.name.endswith(".pfd"))
    with pytest.raises(ParameterError, match=r"night/0\.txt is no fold"):
        finding.find_folds(night(3), ["night/0.txt", "night/1.pfd"])


def test_a_table_among_folds_is_named_and_what_prepfold_writes_beside_them_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "_is_fold", lambda member: member.name.endswith(".pfd"))
    some = night(3).members[1:]
    others = [
        one.model_copy(update={"name": name, "origin": name})
        for one, name in zip(some, ("1.pfd.ps", "sky.csv"), strict=True)
    ]
    source = night(3).model_copy(update={"members": [*some, *others]})
    found = finding.find_folds(source, ["night"])
    assert found
    assert (found.passed_over, found.note().count("1 other file")) == (("1.pfd.ps", "sky.csv"), 1)
    assert "sky.csv" in found.note()
    assert "1.pfd.ps" not in found.note()
    assert finding.FoldsFound(found.folds, ("1.pfd.ps",)).note() == ""
    assert "1.pfd.csv" in finding.FoldsFound(found.folds, ("1.pfd.csv",)).note()
