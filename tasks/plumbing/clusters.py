"""A Dask cluster that runs steps: one of this machine's own, or one that is there already."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import copy_context
from importlib import import_module
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any

from pulsars.store import code_version
from schemas import RunnerError
from tasks.plumbing.prefect_private import send_all

_log = logging.getLogger(__name__)

_SECONDS_TO_ANSWER = 10
_SECONDS_TO_JOIN = 30
"""For the first worker: those that died, or whose scheduler did, may be on their way back."""

_OTHERS = "pulsar.others"
"""Topic of the scheduler on which a worker says that it has another version."""


@contextmanager
def dask_pool(n_workers: int, address: str | None, *, prepare: Callable[[], None]) -> Iterator[Any]:
    """Have a Prefect task runner on a Dask cluster for the length of the block.

    Parameters
    ----------
    n_workers : int
        Processes of one thread each, of a cluster that is started here and ends with the block;
        only this process can talk to it.
    address : str or None
        Of the scheduler of a cluster that is there. Its workers need this very code, the Prefect
        server that the settings name, and the folder of the artifacts.
    prepare : callable
        Called in each worker of this very code before anything else, also in those that come
        later. Of a cluster that was there no other gets a step.

    Raises
    ------
    RunnerError
        If prefect-dask is not installed, nobody answers there, or its workers are not fit.
    """
    dask, runners = require_dask()
    for name in ("distributed", "distributed.client"):  # what matters comes as an error
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with _here(dask, n_workers) if address is None else _there(dask, address) as (made, client):
        client.subscribe_topic(_OTHERS, _told_of_others())
        client.register_plugin(_preparing(dask.WorkerPlugin, dask.Status, prepare))
        kind = runners.DaskTaskRunner if address is None else _by_version(runners.DaskTaskRunner)
        with kind(**made) as pool:
            try:
                yield pool
            finally:
                with suppress(Exception):  # of workers that are gone
                    client.run(send_all)  # one that is ended keeps what it has not sent


def require_dask() -> tuple[Any, Any]:
    """Give the modules `distributed` and `prefect_dask`.

    Raises
    ------
    RunnerError
        If they are not installed.
    """
    try:
        return import_module("distributed"), import_module("prefect_dask")
    except ImportError as error:
        raise RunnerError(
            f"the runner dask needs an extra that is not installed ({error.name}): pip install "
            f"'pulsar-perceptron[dask]', or ask for --runner processes"
        ) from None


@contextmanager
def _here(dask: Any, n_workers: int) -> Iterator[tuple[dict[str, Any], Any]]:
    """Start a cluster on loopback, by a key of its own: whoever can talk to one can run code."""
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(
                dask.LocalCluster(
                    n_workers=n_workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    protocol="tls://",
                    security=True,
                    dashboard_address=None,
                    memory_limit=0,  # handles travel: there is nothing that a worker could spill
                    silence_logs=logging.CRITICAL,
                )
            )
        except RuntimeError as error:  # a worker was ended as it began
            raise RunnerError(
                f"a Dask cluster of {n_workers} workers does not start here ({error}); the same "
                f"command goes on where it was, with fewer --workers if memory was wanting"
            ) from None
        yield {"cluster": cluster}, stack.enter_context(dask.Client(cluster, set_as_default=False))


@contextmanager
def _there(dask: Any, address: str) -> Iterator[tuple[dict[str, Any], Any]]:
    try:
        client = _answering(dask, address)
    except (OSError, ValueError, TypeError) as error:
        raise RunnerError(
            f"no Dask scheduler answers at {address} ({type(error).__name__}); start one by "
            f"`dask scheduler`, or leave --dask-address out for a cluster on this machine"
        ) from None
    with client:
        _require_fit(client, address)
        yield {"address": address}, client


def _answering(dask: Any, address: str) -> Any:
    """Give a client, or the error; what takes a connection and says nothing has no time limit."""
    found: Queue[Any] = Queue()
    gone = Event()

    def connect() -> None:
        try:
            client = dask.Client(address, timeout=_SECONDS_TO_ANSWER, set_as_default=False)
        except BaseException as error:  # noqa: BLE001 - handed on
            found.put(error)
            return
        found.put(client)
        if gone.is_set():  # it came too late, and is nobody's
            client.close()

    Thread(target=connect, daemon=True).start()
    try:
        client = found.get(timeout=_SECONDS_TO_ANSWER + 1)
    except Empty:
        gone.set()
        raise TimeoutError from None
    if isinstance(client, BaseException):
        raise client
    return client


def _require_fit(client: Any, address: str) -> None:
    _wait_for_one(client, address)
    try:
        found = client.run(code_version)
    except Exception as error:  # noqa: BLE001 - whatever it lacks, it is of no use
        raise RunnerError(
            f"a worker of {address} cannot run this project ({type(error).__name__}: {error}); "
            f"install the same version there"
        ) from None
    others = sorted(worker for worker, version in found.items() if version != code_version())
    if others:
        raise RunnerError(
            f"the worker {others[0]} of {address} has another version of this project, or of a "
            f"package that it needs; the outcome might be another; install the same version there"
        )


def _wait_for_one(client: Any, address: str) -> None:
    if not client.scheduler_info()["workers"]:
        _log.info("%s has no worker; waiting %d s for one", address, _SECONDS_TO_JOIN)
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_JOIN)
    except TimeoutError:
        raise RunnerError(
            f"the cluster at {address} has no worker; start some by `dask worker`"
        ) from None


def _resource() -> str:
    """Name what a worker of this very code has, and no other: a step at an address asks for it."""
    return f"pulsar-{code_version()}"


def _by_version(kind: type[Any]) -> type[Any]:
    class ByVersion(kind):  # type: ignore[misc] # its base is known once it is asked for
        """Hands steps to workers alone that said that they have this version.

        Whoever comes later is offered work before anybody could ask. A cluster that is started
        here has this code, and does without: Dask sends out at once what asks for something, and
        whatever waits at a worker that dies counts as tried.
        """

        def submit(self, *args: Any, **kwargs: Any) -> Any:
            with import_module("dask").annotate(resources={_resource(): 1}):
                return super().submit(*args, **kwargs)

    return ByVersion


def _told_of_others() -> Callable[[tuple[float, Any]], None]:
    """Give what logs that a worker is passed over; events come outside the run that they are of."""
    context = copy_context()

    def tell(event: tuple[float, Any]) -> None:
        context.run(
            _log.warning,
            "the worker %s has another version of this project, or of a package that it needs, and "
            "gets no work; install the same version there",
            event[1],
        )

    return tell


def _preparing(plugin: type[Any], kinds: Any, prepare: Callable[[], None]) -> Any:
    resource, version, topic = _resource(), code_version(), _OTHERS
    names = [(each.__module__, each.__name__) for each in (code_version, prepare)]

    class Preparing(plugin):  # type: ignore[misc] # its base is known once it is asked for
        """Readies each worker that has this very code."""

        name = resource

        async def setup(self, worker: Any) -> None:
            try:
                # By their names, and not before: a worker that has neither could not join at all.
                version_of, ready = (getattr(import_module(room), name) for room, name in names)
                is_ours = version_of() == version
            except Exception:  # noqa: BLE001 - whatever it lacks, it is not this code
                is_ours = False
            if is_ours:
                ready()
                await worker.set_resources(**{resource: worker.state.nthreads})
                if worker.status == kinds.running:  # steps that wait for one look for who begins to
                    worker.status = kinds.paused
                    worker.status = kinds.running
            else:
                worker.log_event(topic, worker.address)

    return Preparing()
