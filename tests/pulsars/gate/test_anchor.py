"""Losses cannot add up: a challenger is held against the best that ever held the place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pulsars.gate.by_hand import promote_by_hand, roll_back_by_hand, settle
from pulsars.gate.judging import decide, judge
from pulsars.store.champions import champion_name, crown, find_anchor, read_reigns
from pulsars.store.pruning import prune_runs
from pulsars.store.reigns import Reign, in_line
from pulsars.store.runs import PublishedRun, read_runs
from pulsars.store.verdicts import Verdict, keep_verdict
from schemas.errors import ChampionError, GateError
from tests.pulsars.gate.challengers import ASKED, publish

WIDE = ASKED.model_copy(update={"margin": 0.012, "floor": 0.5})
"""Of 400 rows, 80 of them pulsars, so that a step of 0.3 in the noise passes."""


def challenge(out: Path, run: PublishedRun) -> Verdict:
    verdict = decide(out, run, WIDE)
    keep_verdict(out, run, verdict)
    if verdict.decision == "promoted":
        crown(out, run, how="gate", because=verdict.because, moves_anchor=verdict.moves_anchor)
    return verdict


def anchor(out: Path) -> str:
    found = find_anchor(out)
    assert found
    return found.name


@pytest.fixture(scope="module")
def once_slipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a root whose champion is a little worse than the one before it, to be copied."""
    out = tmp_path_factory.mktemp("slipped")
    for name, noise in (("a", 0.0), ("b", 0.3)):
        assert challenge(out, publish(out, name, noise=noise)).decision == "promoted"
    return out


@pytest.fixture
def slipped(once_slipped: Path, tmp_path: Path) -> Path:
    """Give such a root."""
    return Path(shutil.copytree(once_slipped, tmp_path, dirs_exist_ok=True))


def test_a_champion_that_is_not_proven_better_leaves_the_anchor_where_it_is(slipped: Path) -> None:
    assert (champion_name(slipped), anchor(slipped)) == ("b", "a")
    assert [reign.anchor for reign in read_reigns(slipped)] == ["a", "a"]


def test_a_second_step_down_is_not_let_in_though_it_passes_the_champion(slipped: Path) -> None:
    champion, worse = read_runs(slipped)[0][1], publish(slipped, "c", noise=0.45)
    assert judge(champion, worse, WIDE).decision == "promoted"  # this is how it slid
    verdict = challenge(slipped, worse)
    assert (verdict.decision, verdict.against, verdict.anchor) == ("undecided", "b", "a")
    assert "against the anchor a " in verdict.because
    assert (champion_name(slipped), anchor(slipped)) == ("b", "a")


@pytest.mark.slow
def test_many_steps_down_end_a_step_below_the_anchor(slipped: Path) -> None:
    for n in range(6):
        challenge(slipped, publish(slipped, f"c{n}", noise=0.45 + 0.15 * n))
    assert champion_name(slipped) == "b"


def test_both_duels_stay_on_record_even_when_a_person_decides(slipped: Path) -> None:
    run = publish(slipped, "c", noise=0.45)
    challenge(slipped, run)
    settle(slipped, run, promote=False, because="no")
    said = json.loads((slipped / "verdicts" / "c.json").read_text())
    assert (said["against"], said["anchor"], said["decision"]) == ("b", "a", "kept")
    duels = (said["duel"], said["anchor_duel"])
    over_champion, over_anchor = (one["differences"]["average_precision"]["value"] for one in duels)
    assert over_champion > over_anchor, "the anchor is the better one"


def test_proof_moves_the_anchor(tmp_path: Path) -> None:
    challenge(tmp_path, publish(tmp_path, "poor", noise=1.2))
    verdict = challenge(tmp_path, publish(tmp_path, "good"))
    assert (verdict.decision, verdict.moves_anchor) == ("promoted", True)
    assert all(named in verdict.because for named in ("better", "champion", "anchor"))
    assert anchor(tmp_path) == "good"


def test_what_a_person_promotes_or_answers_yes_to_is_the_anchor(slipped: Path) -> None:
    asked = publish(slipped, "c", noise=0.45)
    assert challenge(slipped, asked).decision == "undecided"
    settle(slipped, asked, promote=True, because="it finds the binary")
    assert anchor(slipped) == "c"
    promote_by_hand(slipped, "b", because="on second thoughts")
    assert anchor(slipped) == "b"


def test_a_rollback_makes_the_one_before_the_anchor(slipped: Path) -> None:
    crown(slipped, publish(slipped, "c", noise=0.45), how="gate", because="x", moves_anchor=False)
    roll_back_by_hand(slipped, because="calls satellites pulsars")
    assert (champion_name(slipped), anchor(slipped)) == ("b", "b")


def test_a_history_of_an_earlier_version_counts_from_its_champion(tmp_path: Path) -> None:
    runs = [publish(tmp_path, name, noise=noise) for name, noise in (("a", 0.0), ("b", 0.3))]
    for run in runs:
        crown(tmp_path, run, how="gate", because="x")
    pointer = tmp_path / "champion.json"
    stored = json.loads(pointer.read_text())
    for entry in stored["history"]:
        del entry["anchor"]
    pointer.write_text(json.dumps({"run": "b", "history": stored["history"]}))
    assert anchor(tmp_path) == "b"
    verdict = challenge(tmp_path, publish(tmp_path, "c", noise=0.45))
    assert (verdict.decision, verdict.anchor, verdict.anchor_duel) == ("promoted", "b", None)
    assert [reign.anchor for reign in read_reigns(tmp_path)] == ["a", "b", "b"]


def test_an_anchor_that_is_gone_or_damaged_waits_for_a_person(slipped: Path) -> None:
    run, folder = publish(slipped, "c", noise=0.1), slipped / "runs" / "a"
    (folder / "test.npz").write_bytes(b"spoilt")
    damaged = decide(slipped, run, WIDE)
    assert damaged.decision == "undecided"
    assert "test.npz" in damaged.because
    shutil.rmtree(folder)
    gone = decide(slipped, run, WIDE)
    assert gone.decision == "undecided"
    assert "the anchor's run a is gone" in gone.because
    promote_by_hand(slipped, "b", because="a is lost")
    assert decide(slipped, run, WIDE).decision == "promoted"


def test_an_anchor_that_never_reigned_is_refused(slipped: Path) -> None:
    pointer = slipped / "champion.json"
    stored = json.loads(pointer.read_text())
    del stored["seal"]
    stored["history"][-1]["anchor"] = "nobody"
    pointer.write_text(json.dumps(stored))
    with pytest.raises(ChampionError, match="an anchor in it was never champion"):
        read_reigns(slipped)


def test_pruning_keeps_champion_and_anchor_under_whatever_name(tmp_path: Path) -> None:
    """The same model under another name is no new reign in the line, and yet it scores."""
    crown(tmp_path, publish(tmp_path, "a"), how="gate", because="first")
    publish(tmp_path, "b")
    promote_by_hand(tmp_path, "b", because="a newer name")
    crown(tmp_path, publish(tmp_path, "c", noise=0.3), how="gate", because="x", moves_anchor=False)
    publish(tmp_path, "d", noise=0.1)
    assert anchor(tmp_path) == "b"
    assert prune_runs(tmp_path, keep=1, remove=True).kept == ("a", "b", "c", "d")
    assert anchor(tmp_path) == "b"


def test_the_line_holds_champion_anchor_and_who_a_rollback_could_lead_to() -> None:
    def reign(run: str, model: str, anchor: str) -> Reign:
        return Reign(run=run, model_sha256=model, since="", how="gate", because="", anchor=anchor)

    assert in_line([]) == set()
    assert in_line([reign("a", "1", "a"), reign("b", "1", "b"), reign("c", "1", "b")]) == set("abc")
    nightly = [reign(f"r{night}", str(night), "r3") for night in range(30)]
    assert in_line(nightly) == {"r3", *(f"r{night}" for night in range(19, 30))}


def test_a_run_whose_proofs_do_not_all_hold_is_never_champion(tmp_path: Path) -> None:
    run = publish(tmp_path, "marked", holds=False)
    assert run.failing == run.brief()["failing"] == "1 of 2 proofs does not hold"
    verdict = decide(tmp_path, run, WIDE)
    assert verdict.decision == "kept"
    assert "1 of 2 proofs does not hold" in verdict.because
    with pytest.raises(GateError, match="1 of 2 proofs does not hold"):
        promote_by_hand(tmp_path, "marked", because="I want it")
    assert publish(tmp_path, "whole").failing == ""
