from __future__ import annotations

import hashlib
import struct

from pulsars.review.content import content_hash


def test_the_hash_is_of_eight_little_endian_doubles() -> None:
    numbers = [126.1, 44.0, 0.2, -0.5, 0.7, 9.3, 20.3, 493.6]
    assert content_hash(numbers) == hashlib.sha256(struct.pack("<8d", *numbers)).hexdigest()


def test_minus_zero_is_zero_and_nothing_else_is_alike() -> None:
    assert content_hash([0.0] * 8) == content_hash([-0.0] * 8)
    assert content_hash([0.0] * 8) != content_hash([0.0] * 7 + [5e-324])
