"""Names that are known are found among any number of names."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from slp.splitting.beside import Names

BITS = st.integers(0, 2**64 - 1)


@given(st.lists(BITS), st.lists(BITS), st.data())
def test_a_name_is_found_if_and_only_if_it_is_there(
    names: list[int], others: list[int], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(names))) if names else []
    near = [(name + 1) % 2**64 for name in again]
    asked = np.array([*others, *again, *near], dtype=np.uint64)
    kept = np.array(names, dtype=np.uint64)
    np.testing.assert_array_equal(Names.of(kept).find(asked), np.isin(asked, kept))
