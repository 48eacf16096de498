"""The parts of Prefect that tasks and flows use and Prefect's documentation does not promise.

No other module of `flows` or `tasks` uses such a part; those of the service stand in
`service.prefect_private`. `tests/tasks/plumbing/test_prefect_private.py` says of each what it is
for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.context import FlowRunContext, TagsContext


@contextmanager
def untagged() -> Iterator[None]:
    """Keep the tags of a flow run from its tasks: `prefect.tags` can only add some."""
    with TagsContext(current_tags=set()):
        yield


def holds_a_slot() -> bool:
    """Whether the run under way holds a place of its deployment, which has a limit then."""
    context = FlowRunContext.get()
    state = context.flow_run.state if context and context.flow_run else None
    return bool(state and state.state_details.deployment_concurrency_lease_id)
