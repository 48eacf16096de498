"""A table of folds is written over nothing that cannot be measured again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pulsars.folds.making import make_features, require_target
from pulsars.folds.prepfold import SIMULATED, pack
from schemas import FeaturesMade, FileRef, ParameterError
from tests.pulsars.folds.strategies import prepfold
from tests.pulsars.folds.test_tables import night, together

ENDINGS = pytest.mark.parametrize("ending", [".csv", ".parquet"])


def measured(tmp_path: Path, name: str, **given: object) -> FileRef:
    """Three folds, and one that is cut short."""
    folder = night(tmp_path / name, **given)
    (folder / f"cut_{name}.pfd").write_bytes(pack(prepfold())[:900])
    return together(tmp_path / "d", folder).file


def made(table: FileRef, target: Path, labels: Path | None = None) -> FeaturesMade:
    return make_features(
        table, str(target), labels=None if labels is None else str(labels), n_passed_over=0
    )


def truth(tmp_path: Path) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text("file,label\n0.pfd,1\n1.pfd,0\n2.pfd,0\n")
    return path


def test_tables_of_one_name_and_two_endings_have_a_list_each(tmp_path: Path) -> None:
    one, two = (measured(tmp_path, name) for name in ("one", "two"))
    first = made(one, tmp_path / "night.parquet").aside
    second = made(two, tmp_path / "night.csv").aside
    assert first is not None
    assert second is not None
    assert Path(first.path).name == "night.parquet.aside.csv"
    assert "cut_one" in Path(first.path).read_text()
    assert "cut_two" in Path(second.path).read_text()
    made(together(tmp_path / "d", night(tmp_path / "whole")).file, tmp_path / "night.csv")
    assert Path(first.path).exists()
    assert not Path(second.path).exists()


def test_a_list_of_the_earlier_name_stays(tmp_path: Path) -> None:
    earlier = tmp_path / "night.aside.csv"
    earlier.write_text("fold,refused\n/n/a.pfd,cut short\n")
    made(together(tmp_path / "d", night(tmp_path / "whole")).file, tmp_path / "night.csv")
    assert earlier.read_text() == "fold,refused\n/n/a.pfd,cut short\n"


@ENDINGS
def test_a_table_that_holds_more_than_would_be_written_stays(tmp_path: Path, ending: str) -> None:
    table = measured(tmp_path, "one", telescope=SIMULATED)
    target = tmp_path / f"night{ending}"
    made(table, target)
    found = pd.read_csv(target, comment="#") if ending == ".csv" else pd.read_parquet(target)
    for own in ({"label": 1}, {"label": 1, "seen by": "Ann"}):
        kept = found.assign(**own)
        if ending == ".csv":
            kept.to_csv(target, index=False)
        else:
            kept.to_parquet(target, index=False)
        content = target.read_bytes()
        with pytest.raises(ParameterError, match=rf"night\{ending}.*'{[*own][-1]}'"):
            require_target(str(target), labelled=len(own) > 1)
        with pytest.raises(ParameterError, match="name another file"):
            made(table, target, truth(tmp_path) if len(own) > 1 else None)
        assert target.read_bytes() == content


@ENDINGS
@pytest.mark.parametrize("telescope", [SIMULATED, "Lovell"])
def test_a_table_is_measured_again_as_it_was_and_with_labels_that_it_lacked(
    tmp_path: Path, ending: str, telescope: str
) -> None:
    table, target = measured(tmp_path, "one", telescope=telescope), tmp_path / f"night{ending}"
    plain = [made(table, target).table.sha256 for _ in range(2)]
    labelled = [made(table, target, truth(tmp_path)).table.sha256 for _ in range(2)]
    assert plain[0] == plain[1] != labelled[0] == labelled[1]


def spoil_quoted(target: Path) -> None:
    pd.read_csv(target).to_csv(target, index=False, sep=";")


def spoil_numbered(target: Path) -> None:
    pd.read_csv(target).to_csv(target)


def spoil_long(target: Path) -> None:
    target.write_text("fold_sha256" * 20_000 + "\n")


def spoil_bytes(target: Path) -> None:
    target.write_bytes(b"\xff\x00fold_sha256,\n")


@pytest.mark.parametrize("spoil", [spoil_quoted, spoil_numbered, spoil_long, spoil_bytes])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_what_looks_no_longer_as_it_was_written_stays(
    tmp_path: Path, spoil: Callable[[Path], None], ending: str
) -> None:
    target = tmp_path / "night.csv"
    made(measured(tmp_path, "one"), target)
    spoil(target)
    target = target.rename(target.with_suffix(ending))
    with pytest.raises(ParameterError, match=rf"night\{ending}") as refused:
        require_target(str(target), labelled=True)
    assert len(str(refused.value)) < 2000


def test_a_table_that_was_saved_with_a_mark_of_its_encoding_is_measured_again(
    tmp_path: Path,
) -> None:
    table, target = measured(tmp_path, "one"), tmp_path / "night.csv"
    made(table, target)
    target.write_bytes(b"\xef\xbb\xbf" + target.read_bytes())
    assert made(table, target).n_measured == 3
