"""One pass over an inbox: every new file is scored once, and none holds up another."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from prefect import flow, tags

from flows.scoring import score
from pulsars.inbox import (
    CHANGES,
    UNMOVABLE,
    Fates,
    Pass,
    clear_copies,
    copied,
    is_rejection,
    origin_of,
    why_it_stays,
)
from pulsars.reading import require_file
from pulsars.store import champion_name, clear_scored, exclusive
from schemas import Arrival, InboxBusyError, InboxParameters, Limits, SizeError, require_whole_paths
from tasks import (
    came_to,
    choose_model,
    copy,
    find_catalogue,
    forward_log,
    look,
    lost_server,
    move_aside,
    named,
    opened,
    reject,
    report_pass,
    working,
)

_log = logging.getLogger(__name__)


def give_way() -> None:
    """Leave the inbox to the pass that is under way.

    Raises
    ------
    InboxBusyError
        Always. Waiting would pile up the passes of a schedule, to find nothing left to do.
    """
    raise InboxBusyError("another pass is under way; it, or the next, takes what is here")


@flow(
    name="inbox",
    flow_run_name=named(InboxParameters, lambda asked: f"inbox {asked.inbox}"),
    persist_result=False,
    result_serializer="json",  # of what fails, which Prefect keeps all the same
)
def score_inbox(parameters: InboxParameters) -> dict[str, Any]:
    """Score every file of an inbox whose content has not been scored or rejected before.

    Before there is a champion the files wait, which is no failure of a schedule.

    Parameters
    ----------
    parameters : InboxParameters
        The inbox, and who scores it.

    Returns
    -------
    dict
        As of `pulsars.inbox.passing.Pass.summary`.
    """
    require_whole_paths(dict(parameters))
    found = Pass()
    forward_log()
    try:
        with (
            exclusive(Path(parameters.out), waiting=give_way, name=".inbox.lock"),
            opened(parameters.inbox),
        ):
            take_all(parameters, found)
    except InboxBusyError as busy:
        _log.info("%s", busy)
        found.busy = True
    report_pass(found)
    return came_to(found.summary())


def take_all(parameters: InboxParameters, found: Pass) -> None:
    """Look into the inbox and take one file after the other."""
    out = Path(parameters.out)
    clear_copies(out)
    clear_scored(out)
    found.no_champion = parameters.run is None and champion_name(out) is None
    with working():
        if not found.no_champion:
            choose_model(parameters.out, parameters.run)  # of a damaged one no file is to blame
        if parameters.known:
            find_catalogue(parameters.known)  # nor of this
        arrivals = look(parameters)
    found.wait(arrivals.waiting)
    fates = Fates(out)
    for arrival in arrivals.settled:
        take(parameters, arrival, fates, found)


def take(parameters: InboxParameters, arrival: Arrival, fates: Fates, found: Pass) -> None:
    """Score one file, and note what became of it; what goes wrong here stops no other file."""
    try:
        before = fates.of(arrival.sha256)
        if before == "rejected":
            move_again(parameters, arrival, found)
        elif before:
            found.known += 1
        elif found.no_champion:
            found.wait({arrival.name: "there is no champion yet"})
        else:
            score_arrival(parameters, arrival, fates, found)
    except Exception as error:
        if lost_server(error):  # no file is to blame, and the next would only wait as long again
            raise
        # The file stays, and the next pass tries again.
        found.fail(arrival, error)
        why = found.failed[-1]["message"]
        _log.info("%s stays, for it could not be scored: %s", arrival.name, why)


def score_arrival(parameters: InboxParameters, arrival: Arrival, fates: Fates, found: Pass) -> None:
    """Score a copy of a file as a run of its own, and set the file aside when it is at fault."""
    if arrival.unread is not None:
        refuse_unread(parameters, arrival, found)
        return
    with copied(parameters, arrival, take=copy) as held:
        if held is None:
            found.wait({arrival.name: CHANGES})
            return
        try:
            origin = origin_of(parameters, arrival)
            require_file(
                Path(held.path), name=origin
            )  # or an empty file would have its copy's name
            with tags("pulsar", "scoring"):  # by which automations know it
                done = score(parameters.for_file(held.path, origin=origin))
        except Exception as error:
            if not is_rejection(error):
                raise
            refuse(parameters, arrival, error, found)
        else:
            found.score(arrival, done)
            fates.note_scored(arrival.sha256)


def refuse_unread(parameters: InboxParameters, arrival: Arrival, found: Pass) -> None:
    """Set a file aside that is too large to be read."""
    limits, name = Limits(max_bytes=parameters.max_bytes), origin_of(parameters, arrival)
    n_bytes = arrival.unread or 0
    stopped = n_bytes == limits.max_bytes + 1  # of what comes from a store that tells no size
    try:
        limits.require_bytes(n_bytes, name=name, at_least=stopped)
    except SizeError as error:
        refuse(parameters, arrival, error, found)


def refuse(parameters: InboxParameters, arrival: Arrival, error: Exception, found: Pass) -> None:
    """Note that a file is at fault, and move it away; where that fails it is as much at fault."""
    found.reject(arrival, error)
    # In this order: a crash between the two leaves a file that the next pass moves.
    reject(parameters, arrival, found.rejected[-1])
    try:
        move_aside(parameters, arrival)
    except UNMOVABLE as stuck:
        _log.warning("%s: %s", arrival.name, found.leave(stuck))


def move_again(parameters: InboxParameters, arrival: Arrival, found: Pass) -> None:
    """Move away what was refused before, unless it is another by now."""
    try:
        is_that = move_aside(parameters, arrival)
    except UNMOVABLE as stuck:
        _log.info("%s was refused before; %s", arrival.name, why_it_stays(stuck))
        is_that = True
    if is_that:
        found.known += 1
    else:
        found.wait({arrival.name: CHANGES})
