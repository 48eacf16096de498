"""Addresses that a Prefect Secret block holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsars.credentials import handed
from schemas import BLOCK, ParameterError, is_secret


@contextmanager
def opened(address: str) -> Iterator[None]:
    """Have what a Secret block holds in this process for the length of the block.

    Parameters
    ----------
    address : str
        ``secret://NAME``; of any other there is nothing to do.

    Raises
    ------
    ParameterError
        There is no such block, or it holds no address.
    """
    if not is_secret(address):
        yield
        return
    with handed(_held_by(address[len(BLOCK) :]), known_as=address):
        yield


def _held_by(name: str) -> str:
    from prefect.blocks.system import Secret

    advice = f"make a Prefect Secret block of that name that holds the whole address ({BLOCK}NAME)"
    try:
        found: Any = Secret.load(name)
        held = found.get()
    except ValueError:  # also for a name that no block can have
        raise ParameterError(f"{BLOCK}{name}: there is no such block; {advice}") from None
    if not isinstance(held, str) or "://" not in held or is_secret(held):
        raise ParameterError(f"{BLOCK}{name}: the block holds no address; {advice}")
    return held.strip()
