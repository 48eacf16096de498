"""Statements for tests."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pulsars.review.content import content_hash
from schemas.review_records import Statement


def statement(
    value: str = "pulsar", *, who: str = "anna", of: float = 1.0, **more: Any
) -> Statement:
    """Make what a person says of the candidate all of whose numbers are `of`."""
    features = (of,) * 8
    told = {"id": uuid4().hex, "when": "2026-11-26T01:00:00+00:00", "who": who, "value": value}
    return Statement(candidate=content_hash(features), features=features, **told | more)
