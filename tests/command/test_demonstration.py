"""The demo says which candidates it found, and proves it by their rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from command.demonstration import find_demo_data, write_simulation

NOT = "NOT the known HTRU2"


@pytest.mark.parametrize("content", [b"", b"no table\n", b"\xff\xfe\x00", None])
def test_a_file_is_not_called_htru2_for_its_name(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("PULSAR_DATA_DIR", raising=False)
    named = tmp_path / "HTRU_2.csv"
    if content is None:
        write_simulation(named, rows=300, prevalence=0.1, seed=1)
        capsys.readouterr()
    else:
        named.write_bytes(content)
    assert find_demo_data(tmp_path) == named
    assert NOT in capsys.readouterr().err


def test_htru2_cut_short_is_not_called_htru2(
    data_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PULSAR_DATA_DIR", str(data_dir))
    find_demo_data(tmp_path)
    assert NOT not in capsys.readouterr().err
    monkeypatch.delenv("PULSAR_DATA_DIR")
    (tmp_path / "HTRU_2.csv").write_bytes((data_dir / "HTRU_2.csv").read_bytes()[:1_000_000])
    find_demo_data(tmp_path)
    assert NOT in capsys.readouterr().err


def test_a_named_place_without_the_data_is_told_before_they_are_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # where nobody listens
    monkeypatch.setenv("COLUMNS", "300")
    for given, told in (("nowhere", True), ("", False)):
        monkeypatch.setenv("PULSAR_DATA_DIR", given)
        find_demo_data(tmp_path)
        assert ("$PULSAR_DATA_DIR is nowhere" in capsys.readouterr().err) == told
