"""On how many threads products of matrices are worked out: one, whatever the environment says.

Threads add up in another order, so that the last bits of a model would depend on their number; and
the products here are too small to share out.
"""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def on_one_thread() -> None:
    """Limit NumPy's linear algebra to one thread, in this process, from now on.

    Nothing is ever set back: the limit is the process's, and blocks that overlap in threads would
    restore each other's.
    """
    import numpy as np  # noqa: F401 - only what is loaded can be limited
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


def linear_algebra() -> list[dict[str, Any]]:
    """Say which libraries work products out here, as plain JSON values.

    Returns
    -------
    list of dict
        ``library``, ``version``, ``architecture`` (what it is tuned for, where it says so) and
        ``threads`` of each.
    """
    from threadpoolctl import threadpool_info

    return [
        {
            "library": one["internal_api"],
            "version": one["version"],
            "architecture": one.get("architecture"),
            "threads": one["num_threads"],
        }
        for one in threadpool_info()
        if one["user_api"] == "blas"
    ]
