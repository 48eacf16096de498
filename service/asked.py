"""From what a person asked of `serve` and `up` to a plan, checked before anything starts."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import realpath
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from pulsars.reading import find_members, require_file, training_parameters
from schemas import (
    InboxParameters,
    ParameterError,
    TrainingParameters,
    at_home,
    is_address,
    is_secret,
    refusals_of,
    require_bare,
    require_fetched,
)
from service.plan import Plan, Times

ASKS = "ask"
"""What an undecided training does on a schedule, unless it is told otherwise."""

ONLY_INBOX = "inbox_"
"""How an option begins that a training has too, and that is meant for the inbox alone."""

Given = Mapping[str, Any]


def plan_of(given: Given, *, file: Path | None = None) -> Plan:
    """Put a plan together, with whole paths: the process that looks may run elsewhere.

    Nothing is made: what is refused leaves no folder behind.

    Parameters
    ----------
    given : mapping
        By name, fields of `TrainingParameters`, `InboxParameters` and `Times`. One that both of
        the first have is for both, and for the inbox alone after `inbox_`.
    file : Path or None
        A JSON object of training parameters; what is given wins over it.

    Raises
    ------
    ParameterError
        If a schedule, a folder, an address or a parameter is none, or would have no effect.
    SourceNotFoundError
        If there is no such file.
    pydantic.ValidationError
        If nothing is to be done, or a parameter is out of bounds.
    """
    out = given.get("out", InboxParameters.model_fields["out"].default)
    _require_times(given, file)
    asked = {**given, "out": str(at_home(out).resolve())}
    return Plan(training=_training(asked, file), inbox=_inbox(asked, file), **_of(Times, asked))


def _of(model: type[BaseModel], given: Given) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in model.model_fields}


def _require_times(given: Given, file: Path | None) -> None:
    """Refuse times of what does not run, and two of which one would not be heard."""
    idle = [name for name in _idle(given) if name in given]
    if file and "data" not in given:
        idle.append("parameters")
    for name in idle:
        _refuse_idle(name, missing="inbox" if name == "score_every" else "data")
    if "train_cron" in given and "train_every" in given:
        raise ParameterError("--train-cron and --train-every are two answers; leave one out")
    if "time_zone" in given and "train_every" in given:
        raise ParameterError(
            "--time-zone has no effect beside --train-every, which goes by no clock; leave one out"
        )


def _idle(given: Given) -> tuple[str, ...]:
    """Name the times of what is not asked for."""
    trained = () if "data" in given else ("train_cron", "time_zone", "train_every")
    return trained if "inbox" in given else (*trained, "score_every")


def _training(given: Given, file: Path | None) -> TrainingParameters | None:
    asked = _of(TrainingParameters, given)
    if "data" not in asked:
        _require_no_effect(asked, InboxParameters, missing="data")
        return None
    asked["data"] = _data(asked["data"])
    if "more" in asked:
        asked["more"] = tuple(map(_data, asked["more"]))
    training = training_parameters(asked, file=file)
    if training.labels:  # the file may come with the first word
        labels = str(at_home(training.labels).resolve())
        training = training.model_copy(update={"labels": labels})
    if "when_undecided" in training.model_fields_set:
        return training
    return training.model_copy(update={"when_undecided": ASKS})


def _data(data: str) -> str:
    """Give the address as it is, or the whole path of what is there: a pattern stays one."""
    if not is_address(data):
        for one in find_members([data]):
            require_file(at_home(one), name=one)
        return str(at_home(data).resolve())
    if not is_secret(data):
        require_fetched(data)
        require_bare(data)
    return data


def _inbox(given: Given, file: Path | None) -> InboxParameters | None:
    asked = _of(InboxParameters, given)
    own = {k.removeprefix(ONLY_INBOX): v for k, v in given.items() if k.startswith(ONLY_INBOX)}
    if "inbox" not in asked:
        ignored = asked | {ONLY_INBOX + name: value for name, value in own.items()}
        ignored.pop("settle_seconds", None)  # versions before wrote it down whatever was asked
        _require_no_effect(ignored, TrainingParameters, missing="inbox")
        return None
    known = {**asked, **own}.get("known")
    if known is not None and not is_address(known):
        require_file(at_home(known), name=known)
        (own if "known" in own else asked)["known"] = str(at_home(known).resolve())
    for given_to in (asked, own):
        if "/" in (run := given_to.get("run") or ""):  # its folder: who serves stands elsewhere
            given_to["run"] = realpath(at_home(run))
    if not asked["inbox"].strip():
        raise ParameterError("--inbox is empty; name a folder or an address")
    for name in {"inbox", "copy_to"} & {*asked}:
        if not is_address(asked[name]):
            asked[name] = str(at_home(asked[name]).resolve())
    try:
        inbox = InboxParameters(**asked | own)
    except ValidationError as error:
        faults = [
            one._replace(name=ONLY_INBOX + one.name) if one.name in own else one
            for one in refusals_of(error)
        ]
        raise ParameterError("; ".join(one.as_option for one in faults)) from None
    if not is_address(inbox.inbox):
        _require_folder(Path(inbox.inbox))
        _require_elsewhere(Path(inbox.inbox), {"data": given.get("data"), "parameters": file})
    return inbox


def _require_no_effect(given: Given, other: type[BaseModel], *, missing: str) -> None:
    """Refuse what nothing would come of."""
    for name in given:
        if name not in other.model_fields:
            _refuse_idle(name, missing=missing)


def _refuse_idle(name: str, *, missing: str) -> None:
    raise ParameterError(
        f"--{name.replace('_', '-')} has no effect without --{missing}; name that too, or leave it "
        f"out"
    )


def _require_folder(inbox: Path) -> None:
    try:
        there = next(path for path in (inbox, *inbox.parents) if path.exists())
    except OSError as error:
        raise ParameterError(f"--inbox {inbox}: no such folder can be ({error.strerror})") from None
    if not there.is_dir():
        raise ParameterError(f"--inbox {inbox}: {there} is no folder; name one, or a new name")


def _require_elsewhere(inbox: Path, files: Mapping[str, str | Path | None]) -> None:
    """Refuse an inbox whose files are not all candidates to score."""
    for name, file in files.items():
        if file and not is_address(str(file)) and at_home(file).parent.resolve() == inbox:
            raise ParameterError(
                f"--{name} {file} lies in the inbox, where every file is scored; keep it elsewhere"
            )


def plan_of_words(words: list[str]) -> Plan:
    """Put together the plan that a version before wrote down as words: options with a value each.

    Raises
    ------
    ParameterError, SourceNotFoundError, pydantic.ValidationError
        If it can no longer be, such as where a file is gone.
    """
    given = {
        name[2:].replace("-", "_"): value
        for name, value in zip(words[::2], words[1::2], strict=True)
    }
    file = given.pop("parameters", None)
    unheard = ("train_cron", "time_zone") if "train_every" in given else ()
    for name in (*_idle(given), *unheard):
        given.pop(name, None)  # it wrote down whatever could be asked
    return plan_of(given, file=Path(file) if file and "data" in given else None)
