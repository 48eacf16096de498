"""A Prefect flow that does nothing: what Prefect costs by itself."""

from __future__ import annotations

from prefect import flow


@flow
def nothing() -> None:
    """Do nothing."""


if __name__ == "__main__":
    nothing()
