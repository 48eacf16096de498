"""A busy machine makes no test of arithmetic fail: what Hypothesis draws has no deadline."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
