"""Who is champion, how one becomes it, and that the pointer never lies."""

from __future__ import annotations

import json
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from pulsars.gate.by_hand import promote_by_hand, roll_back_by_hand, settle
from pulsars.gate.comparing import duel, fair_rows
from pulsars.gate.judging import decide, judge
from pulsars.gate.rescoring import repeats_its_scores
from pulsars.store import kept, load_model
from pulsars.store.champions import (
    champion_name,
    crown,
    find_champion,
    read_reigns,
    require_champion,
)
from pulsars.store.files import write_arrays, write_json
from pulsars.store.history import find_history
from pulsars.store.locks import exclusive
from pulsars.store.pruning import prune_runs
from pulsars.store.reigns import rolled_back
from pulsars.store.runs import load_run, read_runs
from pulsars.store.verdicts import (
    PATIENCE,
    Verdict,
    awaits_a_person,
    keep_verdict,
    left_by_a_person,
)
from schemas.errors import (
    ChampionError,
    DamagedRecordError,
    FingerprintError,
    GateError,
    ParameterError,
)
from schemas.verdict_records import VerdictRecord
from tests.published import published_as, vouch_for
from tests.pulsars.gate.challengers import ASKED, N_TEST, publish


def test_the_first_run_needs_to_clear_the_floor_only(tmp_path: Path) -> None:
    good, bad = publish(tmp_path, "good"), publish(tmp_path, "bad", noise=9.0)
    assert judge(None, good, ASKED).decision == "promoted"
    refused = judge(None, bad, ASKED)
    assert refused.decision == "kept"
    assert "below the floor 0.8" in refused.because


def test_runs_are_compared_by_their_logits_where_probabilities_round_to_one(
    tmp_path: Path,
) -> None:
    runs = [
        publish(tmp_path, name, steep=500.0, noise=noise) for name, noise in (("a", 1), ("b", 0.5))
    ]
    found = duel(*runs)
    models = [load_model(kept(run, "model.json")) for run in runs]
    old, new = (model.decision_function(found.rows.X) for model in models)
    y = found.rows.y
    assert found.comparison is not None
    truth = average_precision_score(y, new) - average_precision_score(y, old)
    by_probability = average_precision_score(y, found.challenger) - average_precision_score(
        y, found.champion
    )
    assert abs(truth - by_probability) > 1e-3
    assert found.comparison.differences["average_precision"].value == pytest.approx(truth)


def test_a_run_that_ranks_like_a_guess_takes_no_place_whatever_its_average_precision(
    tmp_path: Path,
) -> None:
    guess = publish(tmp_path, "guess", area=(0.545, 0.439, 0.646))
    unknown = publish(tmp_path, "unknown", area=(0.6, None, None))
    barely = publish(tmp_path, "barely", area=(0.6, 0.501, 0.7))
    refused = judge(None, guess, ASKED)
    assert refused.decision == judge(None, unknown, ASKED).decision == "kept"
    assert "0.545 (0.439 to 0.646)" in refused.because
    assert judge(None, barely, ASKED).decision == "promoted"


def test_where_no_model_could_be_told_from_a_guess_its_ranking_is_not_blamed(
    tmp_path: Path,
) -> None:
    area = (1.0, 0.49, 1.0)
    few = publish(tmp_path, "few", area=area, n_pulsars=11)
    enough = publish(tmp_path, "enough", area=area, n_pulsars=12)  # a faultless one would pass
    refused, blamed = judge(None, few, ASKED), judge(None, enough, ASKED)
    assert (refused.decision, blamed.decision) == ("kept", "kept")
    assert "its test part has 11," in refused.because
    for advice in ("label more", "--test-size", "`pulsar promote few"):
        assert advice in refused.because
    assert "1.000 (0.490 to 1.000)" in blamed.because


@pytest.mark.parametrize(("threshold", "called"), [(0.0, N_TEST), (1.0, 0)])
def test_a_run_that_calls_all_or_none_takes_no_place(
    threshold: float, called: int, tmp_path: Path
) -> None:
    refused = judge(None, publish(tmp_path, "run", threshold=threshold), ASKED)
    assert refused.decision == "kept"
    assert f"{called:,} of the {N_TEST:,}" in refused.because
    assert "--threshold" in refused.because


def test_a_worse_run_does_not_replace_a_better_one_and_the_other_way_round_it_does(
    tmp_path: Path,
) -> None:
    good, worse = publish(tmp_path, "good"), publish(tmp_path, "worse", noise=1.2)
    asked = ASKED.model_copy(update={"floor": 0.5})
    lost, won = judge(good, worse, asked), judge(worse, good, asked)
    assert (lost.decision, won.decision) == ("kept", "promoted")
    assert "worse than the champion" in lost.because
    assert "better than the champion" in won.because


def test_a_difference_that_the_rows_cannot_tell_waits_for_a_person(tmp_path: Path) -> None:
    one, other = publish(tmp_path, "one"), publish(tmp_path, "other", noise=0.15)
    asked = ASKED.model_copy(update={"margin": 1e-9})
    verdicts = {judge(a, b, asked).decision for a, b in ((one, other), (other, one))}
    assert "undecided" in verdicts
    assert judge(one, other, ASKED.model_copy(update={"margin": 0.5})).decision == "promoted"


def test_nobody_is_compared_on_candidates_that_either_has_learnt_from(tmp_path: Path) -> None:
    fair = publish(tmp_path, "fair", test=1, learnt=2)
    cheat = publish(tmp_path, "cheat", test=3, learnt=1, noise=0.1)
    rows = fair_rows(fair, cheat)
    assert set(rows.file) == {"3.csv"}, "the champion's test rows are what the challenger learnt"
    both = publish(tmp_path, "both", test=2, learnt=1, noise=0.1)
    assert len(fair_rows(fair, both).y) == 0
    verdict = judge(fair, both, ASKED)
    assert verdict.decision == "undecided"
    assert "too few to tell" in verdict.because


def test_the_same_candidate_counts_once(tmp_path: Path) -> None:
    one, other = publish(tmp_path, "one"), publish(tmp_path, "other", noise=0.1)
    assert len(fair_rows(one, other).y) == N_TEST


def test_a_candidate_that_two_files_label_differently_speaks_for_neither(tmp_path: Path) -> None:
    one, other = publish(tmp_path, "one"), publish(tmp_path, "other", noise=0.1, wrong=4)
    for rows in (fair_rows(one, other), fair_rows(other, one)):
        assert (len(rows.y), rows.n_contradicted) == (N_TEST - 4, 4)
        assert rows.n_pulsars == fair_rows(one, one).n_pulsars
    assert duel(one, other).to_dict()["n_contradicted"] == 4
    verdict = judge(other, one, ASKED)
    assert "without 4 that the files label differently" in verdict.because
    assert "whose labels" not in verdict.because


@pytest.mark.parametrize(("champion", "challenger"), [("right", "wrong"), ("wrong", "right")])
def test_where_many_labels_contradict_a_person_says_who_is_right(
    champion: str, challenger: str, tmp_path: Path
) -> None:
    runs = {
        "right": publish(tmp_path, "right"),
        "wrong": publish(tmp_path, "wrong", wrong=20, noise=0.1),
    }
    verdict = judge(runs[champion], runs[challenger], ASKED)
    assert verdict.decision == "undecided"
    assert "whose labels are right" in verdict.because
    assert "without 20 that the files label differently" in verdict.because


def test_a_candidate_printed_with_fewer_digits_is_the_same_candidate(tmp_path: Path) -> None:
    one = publish(tmp_path, "one")
    other = publish(tmp_path, "other", digits=6, noise=0.1)
    assert len(fair_rows(one, other).y) == N_TEST
    learnt = publish(tmp_path, "learnt", test=3, learnt=1)
    copied = [file for file in fair_rows(learnt, other).file if file == "1.csv"]
    assert len(copied) < N_TEST // 20, "what it has learnt in full is no test in short"


def test_a_duel_says_the_same_again_and_the_opposite_turned_round(tmp_path: Path) -> None:
    one, other = publish(tmp_path, "one"), publish(tmp_path, "other", noise=0.4)
    first = duel(one, other).to_dict()
    assert first == duel(one, other).to_dict()
    turned = duel(other, one).to_dict()
    for name, d in first["differences"].items():
        assert d["value"] == pytest.approx(-turned["differences"][name]["value"])
    assert first["ledger"]["champion_only"] == [
        {**row, "champion": row["challenger"], "challenger": row["champion"]}
        for row in turned["ledger"]["challenger_only"]
    ]
    json.dumps(first, allow_nan=False)


def test_simulated_presets_and_the_same_bytes_never_replace_a_champion(tmp_path: Path) -> None:
    real = publish(tmp_path, "real")
    pretended = publish(tmp_path, "pretended", noise=0.01, simulated=True)
    book = publish(tmp_path, "book", noise=0.01, preset="book")
    again = publish(tmp_path, "again")
    said = [judge(real, run, ASKED) for run in (pretended, book, again)]
    assert [verdict.decision for verdict in said] == ["kept"] * 3
    for word, verdict in zip(("simulated", "book", "byte for byte"), said, strict=True):
        assert word in verdict.because


def test_a_model_that_does_not_repeat_its_scores_in_a_fresh_process_is_no_champion(
    tmp_path: Path,
) -> None:
    run = publish(tmp_path, "run")
    assert repeats_its_scores(run.path)
    with np.load(run.path / "test.npz") as stored:
        arrays = dict(stored)
    arrays["probability"] = arrays["probability"] * (1 - 1e-6)
    write_arrays(run.path / "test.npz", arrays)
    with pytest.raises(FingerprintError, match=r"test\.npz"):
        promote_by_hand(tmp_path, "run", because="I want it")
    vouch_for(run.path)
    run = load_run(run.path)
    assert not repeats_its_scores(run.path)
    assert judge(None, run, ASKED).decision == "kept"
    with pytest.raises(GateError, match="fresh process"):
        promote_by_hand(tmp_path, "run", because="I want it")


def test_a_run_made_on_another_processor_can_be_champion_though_its_last_digits_differ(
    tmp_path: Path,
) -> None:
    run = publish(tmp_path, "run")
    with np.load(run.path / "test.npz") as stored:
        arrays = dict(stored)
    arrays["probability"] = np.nextafter(arrays["probability"], 1)
    write_arrays(run.path / "test.npz", arrays)
    vouch_for(run.path)
    assert promote_by_hand(tmp_path, "run", because="moved to a new machine").run == "run"


def test_a_companion_that_does_not_repeat_its_order_in_a_fresh_process_is_found(
    tmp_path: Path,
) -> None:
    run = published_as(tmp_path, "run")
    assert repeats_its_scores(run)
    with np.load(run / "test.npz") as stored:
        arrays = dict(stored)
    assert len(arrays["companion"]) == len(arrays["y"])
    for factor, repeated in ((1 + 1e-14, True), (1 + 1e-6, False)):
        write_arrays(run / "test.npz", {**arrays, "companion": arrays["companion"] * factor})
        assert repeats_its_scores(run) == repeated


def test_the_pointer_keeps_its_history_and_rollback_walks_back_through_it(tmp_path: Path) -> None:
    runs = [publish(tmp_path, name, noise=n / 100) for n, name in enumerate("abc")]
    assert champion_name(tmp_path) is None
    for run in runs:
        crown(tmp_path, run, how="gate", because="better")
    assert champion_name(tmp_path) == "c"
    assert roll_back_by_hand(tmp_path, because="c is odd").run == "b"
    assert roll_back_by_hand(tmp_path, because="b too").run == "a"
    with pytest.raises(ChampionError, match="nothing to go back to"):
        roll_back_by_hand(tmp_path, because="a too")
    assert promote_by_hand(tmp_path, "c", because="c was fine").how == "person"
    assert [reign.run for reign in read_reigns(tmp_path)] == ["a", "b", "c", "b", "a", "c"]
    assert roll_back_by_hand(tmp_path, because="no").run == "a"


def test_a_model_that_a_person_rolled_back_comes_back_by_a_person_only(tmp_path: Path) -> None:
    first, second = publish(tmp_path, "first"), publish(tmp_path, "second", noise=0.05)
    crown(tmp_path, first, how="gate", because="floor")
    crown(tmp_path, second, how="gate", because="better")
    roll_back_by_hand(tmp_path, because="calls satellites pulsars")
    again = publish(tmp_path, "again", noise=0.05)
    verdict = decide(tmp_path, again, ASKED)
    assert verdict.decision == "kept"
    assert "calls satellites pulsars" in verdict.because
    promote_by_hand(tmp_path, "again", because="they were none")
    assert rolled_back(read_reigns(tmp_path)) == {}


def test_promoting_the_champion_again_does_not_spoil_the_rollback(tmp_path: Path) -> None:
    first, second = publish(tmp_path, "first"), publish(tmp_path, "second", noise=0.05)
    crown(tmp_path, first, how="gate", because="floor")
    for _ in range(2):
        crown(tmp_path, second, how="person", because="I like it")
    assert roll_back_by_hand(tmp_path, because="no").run == "first"


def test_a_task_that_is_tried_again_after_it_crowned_says_so_again(tmp_path: Path) -> None:
    run = publish(tmp_path, "run")
    crown(tmp_path, run, how="gate", because="the first")
    verdict = decide(tmp_path, run, ASKED)
    assert (verdict.decision, verdict.because) == ("promoted", "the first")


def test_real_candidates_replace_simulated_ones_and_a_lost_champion_waits_for_a_person(
    tmp_path: Path,
) -> None:
    pretended = publish(tmp_path, "pretended", simulated=True)
    real = publish(tmp_path, "real", noise=0.3)
    assert judge(pretended, real, ASKED).decision == "promoted"
    crown(tmp_path, pretended, how="gate", because="floor")
    shutil.rmtree(pretended.path)
    verdict = decide(tmp_path, real, ASKED)
    assert verdict.decision == "undecided"
    assert "is gone" in verdict.because


def test_a_process_that_cannot_score_is_not_taken_for_a_model_that_differs(tmp_path: Path) -> None:
    run = publish(tmp_path, "run")
    (run.path / "model.json").write_text("{")
    with pytest.raises(GateError, match=r"could not score run: .*Expecting"):
        repeats_its_scores(run.path)
    assert decide(tmp_path, run, ASKED).decision == "undecided"


def test_a_run_that_is_not_whole_can_be_no_champion_and_a_broken_one_is_a_sentence(
    tmp_path: Path,
) -> None:
    for name, noise in (("first", 0.0), ("second", 0.05)):
        crown(tmp_path, publish(tmp_path, name, noise=noise), how="gate", because="x")
    (tmp_path / "runs" / "first" / "reference.json").write_text("spoilt")
    for act in (
        lambda: promote_by_hand(tmp_path, "first", because="I want it"),
        lambda: roll_back_by_hand(tmp_path, because="odd"),
    ):
        with pytest.raises(FingerprintError, match=r"reference\.json"):
            act()
    assert champion_name(tmp_path) == "second"
    write_json(tmp_path / "runs" / "first" / "manifest.json", {})
    with pytest.raises(DamagedRecordError, match=r"first/manifest\.json .*data"):
        load_run(tmp_path / "runs" / "first")
    assert [run.name for run in read_runs(tmp_path)[0]] == ["second"]


def test_naming_a_champion_does_not_wait_for_a_training(tmp_path: Path) -> None:
    publish(tmp_path, "run")
    with exclusive(tmp_path, waiting=lambda: pytest.fail("waited")):
        assert promote_by_hand(tmp_path, "run", because="now").run == "run"
        assert prune_runs(tmp_path, keep=1, remove=False).gone == ()


def test_a_pruning_that_was_killed_leaves_no_ghost(tmp_path: Path) -> None:
    run = publish(tmp_path, "run")
    publish(tmp_path, "kept")
    run.path.rename(run.path.with_name(".run.gone"))
    assert [r.name for r in read_runs(tmp_path)[0]] == ["kept"]
    prune_runs(tmp_path, keep=1, remove=True)
    assert [p.name for p in (tmp_path / "runs").iterdir()] == ["kept"]


def test_a_change_by_hand_needs_a_reason(tmp_path: Path) -> None:
    publish(tmp_path, "run")
    with pytest.raises(ParameterError, match="--because"):
        promote_by_hand(tmp_path, "run", because="  ")
    with pytest.raises(ParameterError, match="--because"):
        roll_back_by_hand(tmp_path, because="")
    assert champion_name(tmp_path) is None


def test_who_cannot_be_gone_back_to_is_not_called_the_champion(tmp_path: Path) -> None:
    for n, name in enumerate("ab"):
        crown(tmp_path, publish(tmp_path, name, noise=n / 100), how="person", because=name)
    shutil.rmtree(tmp_path / "runs" / "a")
    with pytest.raises(ChampionError, match="the previous champion's run a is gone"):
        roll_back_by_hand(tmp_path, because="c")
    assert champion_name(tmp_path) == "b"


def test_a_root_is_named_in_advice_as_a_shell_takes_it(tmp_path: Path) -> None:
    out = tmp_path / "Ann's art"
    with pytest.raises(ChampionError, match="no champion yet") as refused:
        require_champion(out)
    advised = str(refused.value).partition("either with ")[2]
    assert shlex.split(advised) == ["--out", str(out)]


def test_a_pointer_that_leads_nowhere_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ChampionError, match="no champion yet"):
        require_champion(tmp_path)
    run = publish(tmp_path, "run")
    crown(tmp_path, run, how="gate", because="first")
    vouch_for(run.path, files={"model.json": "0" * 64})
    with pytest.raises(ChampionError, match="not the one that became champion"):
        find_champion(tmp_path)
    shutil.rmtree(run.path)
    with pytest.raises(ChampionError, match="is gone"):
        find_champion(tmp_path)
    (tmp_path / "champion.json").write_text("{")
    with pytest.raises(ChampionError, match="cannot be read"):
        find_champion(tmp_path)


def test_a_pointer_that_is_gone_is_named_until_a_person_names_a_champion(tmp_path: Path) -> None:
    first, second, third = (publish(tmp_path, n, noise=i / 100) for i, n in enumerate("abc"))
    for run in (first, second):
        crown(tmp_path, run, how="gate", because="x")
        keep_verdict(tmp_path, run, Verdict("promoted", "x"))
    (tmp_path / "verdicts" / "d.json").write_text("damaged")
    (tmp_path / "champion.json").unlink()
    for act in (
        lambda: find_champion(tmp_path),
        lambda: require_champion(tmp_path),
        lambda: find_history(tmp_path),
        lambda: decide(tmp_path, third, ASKED),
        lambda: prune_runs(tmp_path, keep=1, remove=True),
        lambda: roll_back_by_hand(tmp_path, because="x"),
    ):
        with pytest.raises(ChampionError, match=r"champion\.json is gone, though b was"):
            act()
    assert len(read_runs(tmp_path)[0]) == 3
    promote_by_hand(tmp_path, "b", because="it was")
    assert [(one.run, one.anchor) for one in read_reigns(tmp_path)] == [("b", "b")]
    assert prune_runs(tmp_path, keep=1, remove=True).kept == ("b", "c")


def test_a_run_that_is_gone_too_is_not_named_as_the_champion_that_was(tmp_path: Path) -> None:
    keep_verdict(tmp_path, publish(tmp_path, "a"), Verdict("promoted", "x"))
    shutil.rmtree(tmp_path / "runs" / "a")
    with pytest.raises(ChampionError, match="a run that is gone too was made champion"):
        read_reigns(tmp_path)


@pytest.mark.parametrize("damaged", ["", '{"format": 99}'])
def test_where_pointer_and_verdict_are_lost_nobody_reigns_without_a_gate(
    damaged: str, tmp_path: Path
) -> None:
    first, second = publish(tmp_path, "a"), publish(tmp_path, "b", noise=0.1)
    keep_verdict(tmp_path, first, Verdict("promoted", "x"))
    (tmp_path / "verdicts" / "a.json").write_text(damaged)
    with pytest.raises(ChampionError, match=r"champion\.json is not there.*a\.json"):
        decide(tmp_path, second, ASKED)
    promote_by_hand(tmp_path, "b", because="I know it")
    assert champion_name(tmp_path) == "b"


def test_a_root_in_which_no_run_was_made_champion_has_lost_no_pointer(tmp_path: Path) -> None:
    run = publish(tmp_path, "a")
    assert read_reigns(tmp_path) == []
    keep_verdict(tmp_path, run, Verdict("kept", "below the floor"))
    assert read_reigns(tmp_path) == []
    assert decide(tmp_path, run, ASKED).decision == "promoted"


def test_pruning_keeps_the_newest_the_champion_and_who_comes_after_a_rollback(
    tmp_path: Path,
) -> None:
    runs = [publish(tmp_path, name, noise=n / 100) for n, name in enumerate("abcdef")]
    for at in (1, 2):
        crown(tmp_path, runs[at], how="gate", because="x")
    dry = prune_runs(tmp_path, keep=1, remove=False)
    assert (dry.gone, dry.kept, dry.removed) == (("a", "d", "e"), ("b", "c", "f"), False)
    assert len(read_runs(tmp_path)[0]) == 6
    prune_runs(tmp_path, keep=1, remove=True)
    assert [run.name for run in read_runs(tmp_path)[0]] == ["b", "c", "f"]
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == ["b", "c", "f"]
    assert find_champion(tmp_path) is not None


def test_pruning_keeps_a_run_whose_question_to_a_person_may_still_be_answered(
    tmp_path: Path,
) -> None:
    for n, name in enumerate("abcdef"):
        publish(tmp_path, name, noise=n / 100)
    now = datetime.now(UTC)
    for name, decision, age in (
        ("a", "undecided", PATIENCE - timedelta(hours=1)),
        ("b", "undecided", PATIENCE + timedelta(days=2)),
        ("c", "kept", timedelta(0)),
    ):
        at = (now - age).isoformat(timespec="seconds")
        said = {"run": name, "decision": decision, "because": "", "at": at}
        write_json(tmp_path / "verdicts" / f"{name}.json", said)
    assert prune_runs(tmp_path, keep=1, remove=False).gone == ("b", "c", "d", "e")
    assert prune_runs(tmp_path, keep=1, remove=True).kept == ("a", "f")
    assert [run.name for run in read_runs(tmp_path)[0]] == ["a", "f"]


@pytest.mark.parametrize("damage", ["", "x", "folder", "loop", "later"])
def test_pruning_keeps_and_names_a_run_whose_verdict_cannot_be_read(
    damage: str, tmp_path: Path
) -> None:
    for n, name in enumerate("abc"):
        publish(tmp_path, name, noise=n / 100)
    crown(tmp_path, load_run(tmp_path / "runs" / "c"), how="person", because="x")
    run = load_run(tmp_path / "runs" / "a")
    keep_verdict(tmp_path, run, Verdict("undecided", "too few to tell", "c"))
    path = tmp_path / "verdicts" / "a.json"
    if damage in {"folder", "loop"}:
        path.unlink()
        path.mkdir() if damage == "folder" else path.symlink_to(path.name)
    elif damage == "later":
        write_json(path, {"format": 99})
    else:
        path.write_text(path.read_text() + damage if damage else "")
    found = prune_runs(tmp_path, keep=1, remove=True)
    assert (found.gone, found.kept) == (("b",), ("a", "c"))
    assert [one.path for one in found.damaged] == [str(path)]
    assert [run.name for run in read_runs(tmp_path)[0]] == ["a", "c"]


def test_a_person_who_said_no_is_not_asked_about_the_same_model_again(tmp_path: Path) -> None:
    champion, asked = publish(tmp_path, "a"), publish(tmp_path, "b", noise=0.1, test=2)
    crown(tmp_path, champion, how="gate", because="first")
    keep_verdict(tmp_path, asked, Verdict("undecided", "too few to tell", "a", by="gate"))
    settle(tmp_path, asked, promote=False, because="it misses the faint ones")
    shutil.rmtree(asked.path)  # pruned; what was said of it stays
    again = publish(tmp_path, "c", noise=0.1, test=2)
    verdict = decide(tmp_path, again, ASKED)
    assert verdict.decision == "kept"
    assert "said no: it misses the faint ones" in verdict.because
    other = publish(tmp_path, "d", noise=0.2, test=2)
    assert "said no" not in decide(tmp_path, other, ASKED).because
    promote_by_hand(tmp_path, "d", because="better")
    assert "said no" not in decide(tmp_path, again, ASKED).because  # that was against another


def test_the_comparison_stays_on_record_when_a_person_decides(tmp_path: Path) -> None:
    champion, asked = publish(tmp_path, "a"), publish(tmp_path, "b", noise=0.1, test=2)
    crown(tmp_path, champion, how="gate", because="first")
    found = duel(champion, asked)
    keep_verdict(tmp_path, asked, Verdict("undecided", "nobody can tell", "a", found.to_dict()))
    settle(tmp_path, asked, promote=False, because="no")
    said = asked.verdict()
    assert said
    assert (said.by, said.duel) == ("person", json.loads(json.dumps(found.to_dict())))


def test_a_late_answer_decides_nothing_however_often_it_is_given(tmp_path: Path) -> None:
    first, asked, later = (publish(tmp_path, n, noise=i / 10) for i, n in enumerate("abc"))
    crown(tmp_path, first, how="gate", because="first")
    keep_verdict(tmp_path, asked, Verdict("undecided", "too few to tell", "a"))
    before = asked.verdict()
    crown(tmp_path, later, how="gate", because="better")
    for _ in range(2):
        late = settle(tmp_path, asked, promote=True, because="I looked")
        assert (late.decision, champion_name(tmp_path)) == ("undecided", "c")
    assert asked.verdict() == before, "the question stays on record as it was"


def test_an_answer_that_was_cut_short_can_be_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, asked = publish(tmp_path, "a"), publish(tmp_path, "b", noise=0.1)
    crown(tmp_path, first, how="gate", because="first")
    keep_verdict(tmp_path, asked, Verdict("undecided", "too few to tell", "a"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("pulsars.gate.by_hand.keep_verdict", full)
        with pytest.raises(OSError, match="No space"):
            settle(tmp_path, asked, promote=True, because="I looked")
    assert settle(tmp_path, asked, promote=True, because="I looked").decision == "promoted"
    said = asked.verdict()
    assert said
    assert (said.decision, said.because) == ("promoted", "a person: I looked")
    assert [reign.run for reign in read_reigns(tmp_path)] == ["a", "b"]


def test_an_old_form_does_not_bring_back_what_was_rolled_back(tmp_path: Path) -> None:
    first, asked = publish(tmp_path, "a"), publish(tmp_path, "b", noise=0.1)
    crown(tmp_path, first, how="gate", because="first")
    keep_verdict(tmp_path, asked, Verdict("undecided", "too few to tell", "a"))
    crown(tmp_path, asked, how="person", because="at three")  # by hand, in an earlier version
    roll_back_by_hand(tmp_path, because="it misses the faint ones")
    verdict = settle(tmp_path, asked, promote=True, because="I looked")
    assert verdict.decision == "kept"
    assert "it misses the faint ones" in verdict.because
    assert champion_name(tmp_path) == "a"


def test_a_promotion_by_hand_closes_the_question(tmp_path: Path) -> None:
    first, asked = publish(tmp_path, "a"), publish(tmp_path, "b", noise=0.1)
    crown(tmp_path, first, how="gate", because="first")
    keep_verdict(tmp_path, asked, Verdict("undecided", "too few to tell", "a"))
    promote_by_hand(tmp_path, "b", because="better on the faint ones")
    said = asked.verdict()
    assert said
    assert (said.decision, said.by, said.against) == ("promoted", "person", "a")
    assert "better on the faint ones" in said.because


@pytest.mark.parametrize(
    "damage",
    ["", "[]", "{}", '"x"', '{"run": "a", "decision": "undecided", "because": "x", "at": 3}',
     '{"run": "a", "decision": "maybe", "because": "x", "at": "2026-01-01T00:00:00Z"}',
     '{"run": "a", "decision": "kept", "because": "x", "at": "2026-01-01T00:00:00"}'],
)  # fmt: skip
def test_a_damaged_verdict_is_as_good_as_none(damage: str, tmp_path: Path) -> None:
    champion, run = publish(tmp_path, "a"), publish(tmp_path, "b", noise=0.1)
    crown(tmp_path, champion, how="gate", because="first")
    for name in "ab":
        (tmp_path / "verdicts").mkdir(exist_ok=True)
        (tmp_path / "verdicts" / f"{name}.json").write_text(damage)
    (tmp_path / "verdicts" / "c.json").mkdir()
    assert run.verdict() is None
    assert prune_runs(tmp_path, keep=1, remove=False).kept == ("a", "b")
    assert decide(tmp_path, run, ASKED).decision in {"promoted", "kept", "undecided"}
    assert settle(tmp_path, run, promote=True, because="I looked").decision == "undecided"


def test_a_verdict_of_an_earlier_version_is_read_with_defaults(tmp_path: Path) -> None:
    run = publish(tmp_path, "a")
    at = "2026-01-01T00:00:00+00:00"
    said = {"run": "a", "decision": "kept", "because": "x", "against": "b", "at": at, "duel": None}
    write_json(tmp_path / "verdicts" / "a.json", said)
    found = run.verdict()
    assert found
    assert (found.by, found.model_sha256, found.against) == ("gate", None, "b")


def test_a_yes_forgives_an_earlier_no_to_the_same_model(tmp_path: Path) -> None:
    champion, asked = publish(tmp_path, "a"), publish(tmp_path, "b", noise=0.1, test=2)
    crown(tmp_path, champion, how="gate", because="first")
    earlier = VerdictRecord(
        run="b", model_sha256=asked.model_sha256, decision="kept", because="a person: no",
        against="a", at=datetime.now(UTC) - timedelta(hours=1), by="person",
    )  # fmt: skip
    path = tmp_path / "verdicts" / "b.json"
    path.parent.mkdir()
    path.write_text(earlier.model_dump_json())
    again = publish(tmp_path, "c", noise=0.1, test=2)
    assert left_by_a_person(tmp_path, again, against="a") == "no"
    promote_by_hand(tmp_path, "c", because="on second thoughts")
    assert left_by_a_person(tmp_path, again, against="a") is None


def test_a_yes_forgives_an_earlier_no_though_the_clock_was_set_back_between_them(
    tmp_path: Path,
) -> None:
    champion, asked = publish(tmp_path, "a"), publish(tmp_path, "b", noise=0.1, test=2)
    crown(tmp_path, champion, how="gate", because="first")
    keep_verdict(tmp_path, asked, Verdict("kept", "a person: no", "a", by="person"))
    path = tmp_path / "verdicts" / "b.json"
    said = VerdictRecord.model_validate_json(path.read_text())
    ahead = said.model_copy(update={"at": datetime.now(UTC) + timedelta(days=365)})
    path.write_text(ahead.model_dump_json())
    again = publish(tmp_path, "c", noise=0.1, test=2)
    promote_by_hand(tmp_path, "c", because="on second thoughts")
    assert left_by_a_person(tmp_path, again, against="a") is None


def test_a_question_of_a_late_clock_is_as_young_as_its_run(tmp_path: Path) -> None:
    name = f"{(datetime.now(UTC) + timedelta(days=365)):%Y%m%d-%H%M%S}-000-late0000"
    asked = publish(tmp_path, name)
    keep_verdict(tmp_path, asked, Verdict("undecided", "too few to tell", None))
    found = asked.verdict()
    assert found
    assert f"{found.at:%Y%m%d-%H%M%S}" == name[:15]
    assert awaits_a_person(found)
