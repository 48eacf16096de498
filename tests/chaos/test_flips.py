"""Bits that flip in a kept file: it is refused, or made anew with the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultStore

from pulsars.inbox.rejected import Fates, is_rejected
from pulsars.store.champions import read_reigns, require_whole
from pulsars.store.runs import load_run
from pulsars.store.scores import load_scores
from pulsars.store.sweeps import load_sweep
from pulsars.store.verdicts import read_verdict
from pulsars.store.workplace import open_job
from schemas.errors import PulsarError
from schemas.handles import sha256_of
from schemas.parameters import TrainingParameters
from schemas.records import TrainingJob
from schemas.score_parameters import InboxParameters
from tasks.looking import look
from tasks.plumbing.caching import trusted
from tasks.preparing import fetch
from tests.chaos.kinds import KINDS
from tests.chaos.lanes import Fault, Lanes
from tests.chaos.tally import Tally
from tests.chaos.trials import Trials
from tests.chaos.zygote import PARTITION_ROWS

pytestmark = pytest.mark.slow  # `make chaos` runs it too

Size = Callable[[int, int, int], int]
Check = Callable[[Path], object]
KEPT = ("runs", "scores", "sweeps", "champion.json", "verdicts", "rejected", "inboxes")


def flips(path: Path, n: int) -> Iterator[int]:
    """Flip one bit after the other, each back again, and give its place."""
    content = path.read_bytes()
    rng = np.random.default_rng(list(path.name.encode()))
    places = rng.choice(len(content) * 8, size=min(n, len(content) * 8), replace=False)
    try:
        for place in sorted(int(one) for one in places):
            flipped = bytearray(content)
            flipped[place // 8] ^= 1 << place % 8
            path.write_bytes(flipped)
            yield place
    finally:
        path.write_bytes(content)


def notices(check: Check, path: Path) -> bool:
    """Whether somebody who needs a file refuses it."""
    try:
        return check(path) is False
    except PulsarError:
        return True


@pytest.fixture(scope="module")
def full_root(lanes: Lanes, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have one of each kept file: runs, scores, a sweep, a rejection, and a memory of an inbox."""
    made = tmp_path_factory.mktemp("flips")
    folder = KINDS["inbox"].prepare(template, made / "root")
    for name in ("inbox", "sweep", "scoring in partitions"):
        if rows := KINDS[name].partition_rows:
            (folder / PARTITION_ROWS).write_text(str(rows))
        done = lanes.run(folder, KINDS[name].words_in(folder))
        assert done.returncode in {0, 3}, done.err
    (folder / PARTITION_ROWS).unlink()
    return folder


def files_in(found: Path) -> list[Path]:
    """Give the files of what was published last in most of them: of scores, that in partitions."""
    if found.is_file():
        return [found]
    below = [sorted(each for each in one.rglob("*") if each.is_file()) for one in found.iterdir()]
    published = [[one] for one in found.iterdir() if one.is_file()]
    return max([*below, *published], key=lambda files: (len(files), files))


def published_with(path: Path) -> Path:
    """Give the folder that was published with a file of it."""
    return next(folder for folder in path.parents if (folder / "manifest.json").is_file())


def takes_each_for_what_it_is(path: Path) -> bool:
    """Whether a pass treats every file by its content, or reads it once more before it acts."""
    out = path.parents[1]
    box = out.parent / "box"
    arrivals = look.fn(InboxParameters(inbox=str(box), out=str(out), settle_seconds=0)).settled
    fates = Fates(out)
    return all(
        fates.of(arrival.sha256) in {None, fates.of(sha256_of(box / arrival.name))}
        for arrival in arrivals
    )


CHECKS: Mapping[str, Check] = {
    "runs": lambda path: require_whole(load_run(path.parent)),
    "scores": lambda path: load_scores(published_with(path)),
    "sweeps": lambda path: load_sweep(path.parent),
    "champion.json": lambda path: read_reigns(path.parent),
    "verdicts": lambda path: read_verdict(path.parents[1], path.stem) is not None,
    "rejected": lambda path: is_rejected(path.parents[1], path.stem + "0" * 48),
}


@pytest.mark.parametrize("kind", CHECKS)
def test_a_flipped_bit_in_a_published_file_is_refused(
    kind: str, full_root: Path, size: Size, tally: Callable[[str], Tally]
) -> None:
    counts, unnoticed = tally(f"flip a bit: {kind}"), []
    paths = files_in(full_root / "out" / kind)
    assert paths
    assert kind != "scores" or sum("scores.parquet/part-" in str(path) for path in paths) == 4
    for path in paths:
        assert not notices(CHECKS[kind], path), "it is refused as it is"
        for place in flips(path, size(4, 64, 64)):
            seen = notices(CHECKS[kind], path)
            counts.count(wrong=int(not seen))
            if not seen:
                unnoticed.append(f"{path.name}: bit {place % 8} of byte {place // 8}")
    assert not unnoticed


def test_a_flipped_bit_in_the_memory_of_an_inbox_scores_nothing_wrongly(
    full_root: Path, size: Size, tally: Callable[[str], Tally]
) -> None:
    counts = tally("flip a bit: inboxes")
    (path,) = (full_root / "out" / "inboxes").glob("*.json")
    kept = path.read_bytes()
    for place in flips(path, size(4, 64, 64)):
        right = takes_each_for_what_it_is(path)
        counts.count(wrong=int(not right))
        assert right, place
    assert path.read_bytes() == kept


@pytest.fixture(scope="module")
def interrupted(trials: Trials, lanes: Lanes) -> Path:
    """Have a training that was killed when all was made and nothing published."""
    (trial,) = trials(["training"])
    at = trial.undisturbed.steps.index("task publish begins")
    folder = trial.folder()
    assert lanes.run(folder, trial.kind.words_in(folder), Fault(at=at)).killed
    return folder


@pytest.fixture(scope="module")
def results(interrupted: Path) -> tuple[ResultStore, list[str]]:
    """Give the place of the kept results, and their names: of steps that are kept by content."""
    store = ResultStore(
        cache_result_in_memory=False,
        result_storage=LocalFileSystem(basepath=str(interrupted / "storage")),
    )
    return store, sorted(path.name for path in (interrupted / "storage").glob("*-0"))


def test_a_flipped_bit_in_a_kept_result_is_made_anew(
    results: tuple[ResultStore, list[str]], interrupted: Path, size: Size,
    tally: Callable[[str], Tally],
) -> None:  # fmt: skip
    store, names = results
    counts = tally("flip a bit: results of steps")
    assert len(names) == 7
    for name in names:
        right = trusted(store, name)
        assert right is not None
        for place in flips(interrupted / "storage" / name, size(4, 64, 64)):
            wrong = trusted(store, name) not in (None, right)
            counts.count(wrong=int(wrong))
            assert not wrong, f"{name}: bit {place % 8} of byte {place // 8}"


def test_a_flipped_bit_in_an_unfinished_file_is_made_anew(
    results: tuple[ResultStore, list[str]], interrupted: Path, size: Size,
    tally: Callable[[str], Tally],
) -> None:  # fmt: skip
    store, names = results
    counts = tally("flip a bit: unfinished files")
    made = [p for p in (interrupted / "out" / "unfinished").rglob("*") if p.is_file()]
    made = [path for path in made if path.name != "job.json"]
    assert len(made) > 12
    for path in made:
        for place in flips(path, size(2, 64, 64)):
            noticed = any(trusted(store, name) is None for name in names)
            counts.count(wrong=int(not noticed))
            assert noticed, f"{path.name}: bit {place % 8} of byte {place // 8}"


def test_a_flipped_bit_in_the_note_of_a_job_changes_no_job(
    interrupted: Path, size: Size, tally: Callable[[str], Tally], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(interrupted)
    counts = tally("flip a bit: the note of a job")
    asked = TrainingParameters(
        data="sky.csv", out="out", n_resamples=100, inputs="standard", seed=9
    )
    source = fetch.fn(asked)
    right, found = open_job(source, asked, TrainingJob)
    assert found
    (note,) = (interrupted / "out" / "unfinished").glob("*/job.json")
    for place in flips(note, size(16, 64, 64)):
        job, _ = open_job(source, asked, TrainingJob)
        same = job.model_copy(update={"token": right.token}) == right
        counts.count(wrong=int(not same))
        assert same, f"bit {place % 8} of byte {place // 8}"


@pytest.mark.parametrize("kind", ["training", "training in partitions", "scoring in partitions"])
def test_flipped_bits_in_every_unfinished_file_at_once_lead_to_the_same_bytes(
    kind: str, trials: Trials, lanes: Lanes, tally: Callable[[str], Tally], size: Size
) -> None:
    (trial,) = trials([kind])
    at = Fault(at=trial.undisturbed.steps.index("task publish begins"))

    def flip_all(number: int) -> None:
        folder, rng = trial.folder(), np.random.default_rng(number)
        words = trial.kind.words_in(folder)
        assert lanes.run(folder, words, at).killed
        left = [(folder / "out" / "unfinished").rglob("*"), (folder / "storage").glob("*")]
        for path in sorted(path for found in left for path in found if path.is_file()):
            content = bytearray(path.read_bytes())
            content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
            path.write_bytes(content)
        again = lanes.run(folder, words)
        trial.judge(folder, again, tally("flip bits: all at once"), where=str(number), seen=[])

    lanes.each(flip_all, range(size(1, 6, 64)))
    assert not trial.complaints
