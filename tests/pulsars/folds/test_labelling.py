"""A CSV of labels says what it means in one way, or is refused by its line and cell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pulsars.folds.labelling import label_folds, read_labels_of_folds
from schemas import LabelError


def read(tmp_path: Path, content: str) -> dict[str, int]:
    path = tmp_path / "truth.csv"
    path.write_bytes(content.encode())
    return read_labels_of_folds(path)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("file,label,label", "line 1: columns 2 and 3 are both called label"),
        ("file,by,label,file,label", "line 1: columns 1 and 4 are both called file"),
        ("file, label,label ", "line 1: columns 2 and 3 are both called label"),
    ],
)
def test_two_columns_of_one_name_are_refused_by_their_places(
    tmp_path: Path, header: str, said: str
) -> None:
    cells = ",".join("1" if "label" in name else "0.pfd" for name in header.split(","))
    with pytest.raises(LabelError, match=r"truth\.csv") as refused:
        read(tmp_path, f"{header}\n{cells}\n")
    assert said in str(refused.value)


def test_other_columns_may_be_called_alike(tmp_path: Path) -> None:
    assert read(tmp_path, "file,note,note,label,,\n0.pfd,a,b,1,,\n") == {"0.pfd": 1}


@pytest.mark.parametrize("row", ["0.pfd,1,0", "c,0.pfd,1", "0.pfd,1,,0"])
def test_a_row_with_more_cells_than_the_header_is_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(LabelError, match=rf"line 3: {row.count(',') + 1} cells, line 1 has 2; "):
        read(tmp_path, f"file,label\n1.pfd,1\n{row}\n")


def test_cells_that_hold_nothing_beyond_the_header_are_no_cells(tmp_path: Path) -> None:
    assert read(tmp_path, "file,label\n0.pfd,1,, \n1.pfd,0\n") == {"0.pfd": 1, "1.pfd": 0}


def test_blanks_after_commas_and_around_labels_are_passed_over(tmp_path: Path) -> None:
    content = 'file , label\n0.pfd, 1\nn/1.pfd,0 \n "a, b.pfd", 1\n'
    assert read(tmp_path, content) == {"0.pfd": 1, "n/1.pfd": 0, "a, b.pfd": 1}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("file;label", "'file;label'"),
        ("file\tlabel", r"'file\\tlabel'"),
        ("# simulated", "'# simulated'"),
        ("File,Label", "'File,Label'"),
        ("", "''"),
    ],
)
def test_a_header_that_names_no_columns_is_refused_as_it_was_read(
    tmp_path: Path, line: str, shown: str
) -> None:
    with pytest.raises(LabelError, match=r"line 1.*separated by commas") as refused:
        read(tmp_path, f"{line}\n0.pfd,1\n")
    assert shown in str(refused.value)


def test_a_fold_that_has_no_file_has_no_label(tmp_path: Path) -> None:
    labels = read(tmp_path, "file,label\n0.pfd,1\n")
    with pytest.raises(LabelError, match=r"no label for 1 of 1 folds, the first standard input"):
        label_folds(pd.DataFrame({"fold": [""]}), labels, name="truth.csv")
