"""What is counted of a part of a file: all of it adds up, in the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from pulsars.reading.counts.leading_counts import LeadingCounts
from pulsars.reading.counts.looks import count_shares
from pulsars.reading.faults import count_reasons, rejected_share
from pulsars.reading.labels.third_class import added
from pulsars.reading.meaning.kurtosis_counts import KurtosisCounts
from pulsars.reading.meaning.moment_counts import MomentCounts, OrderCounts, count_broken
from pulsars.reading.meaning.scale_counts import ScaleCounts
from schemas import CURVES, FEATURE_NAMES, LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulsars.reading.judging.judged_rows import JudgedRows
    from pulsars.reading.meaning.readings import Others, Reading


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of a part of a file.

    Attributes
    ----------
    rows, rejected, pulsars : int
        Read; set aside; read and labelled as pulsars.
    reasons : dict of str to int
        Rows rejected, by reason.
    flat : dict of str to int
        Accepted rows whose curve is flat, by curve.
    moments : dict of str to tuple of int
        See `pulsars.reading.meaning.moment_counts.count_broken`; of the rows as they are read.
    orders : OrderCounts
    kurtosis : KurtosisCounts
        Likewise.
    leading : LeadingCounts
        Of the rows accepted.
    other_labels : tuple of (float or str, int)
        See `pulsars.reading.labels.third_class.other_values`.
    by_file : dict of str to tuple of int
        Of several labelled files, what `pulsars.reading.counts.looks.count_shares` gives of each.
    scale : dict of str to ScaleCounts
        By curve; of the rows as they are read.
    """

    rows: int
    rejected: int
    pulsars: int
    reasons: dict[str, int]
    flat: dict[str, int]
    moments: MomentCounts
    orders: OrderCounts
    kurtosis: KurtosisCounts
    leading: LeadingCounts
    other_labels: Others = ()
    by_file: dict[str, tuple[int, ...]] = field(default_factory=dict)
    scale: dict[str, ScaleCounts] = field(default_factory=dict)

    def is_within(self, max_quarantine: float, *, n_more: int = 0) -> bool:
        """Tell whether no more than this share is rejected; folds not measured do not count.

        Parameters
        ----------
        max_quarantine : float
        n_more : int, optional
            Rows accepted so far that are to be rejected too.
        """
        share = rejected_share(self.rows, self.rejected + n_more, self.reasons)
        return share <= max_quarantine

    @property
    def accepted(self) -> int:
        """Rows accepted."""
        return self.rows - self.rejected

    @classmethod
    def of(cls, read: Reading, judged: JudgedRows) -> Self:
        """Count in some rows: as they are read, and as they are judged."""
        stdevs = {curve: FEATURE_NAMES.index(f"{curve}_stdev") for curve in CURVES}
        return cls(
            rows=len(read.frame),
            rejected=int(np.count_nonzero(judged.rejected)),
            pulsars=read.n_pulsars,
            reasons=count_reasons(judged.faults),
            flat={
                curve: int(np.count_nonzero(judged.block.features[at] == 0))
                for curve, at in stdevs.items()
            },
            moments=count_broken(read.frame),
            orders=OrderCounts.of(read),
            kurtosis=KurtosisCounts.of(read),
            leading=LeadingCounts.of(judged.block),
            other_labels=read.other_labels,
            by_file=_by_file(read),
            scale=ScaleCounts.of(read),
        )

    def then(self, other: Self) -> Self:
        """Add the counts of the part that follows."""
        return type(self)(
            rows=self.rows + other.rows,
            rejected=self.rejected + other.rejected,
            pulsars=self.pulsars + other.pulsars,
            reasons=_added(self.reasons, other.reasons),
            flat=_added(self.flat, other.flat),
            moments={
                curve: (a + x, b + y, c + z)
                for (curve, (a, b, c)), (x, y, z) in zip(
                    self.moments.items(), other.moments.values(), strict=True
                )
            },
            orders=self.orders.then(other.orders),
            kurtosis=self.kurtosis.then(other.kurtosis),
            leading=self.leading.then(other.leading),
            other_labels=added(self.other_labels, other.other_labels),
            by_file={
                file: tuple(map(sum, zip(*(one[file] for one in both if file in one), strict=True)))
                for both in [(self.by_file, other.by_file)]
                for file in {**self.by_file, **other.by_file}
            },
            scale={
                curve: one.then(other.scale[curve])
                for curve, one in self.scale.items()
                if curve in other.scale  # earlier versions counted none
            },
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold, all but those of `leading`."""
        kept = {name: value for name, value in vars(self).items() if name != "leading"}
        scale = {curve: one.to_dict() for curve, one in self.scale.items()}
        orders, kurtosis = self.orders.to_dict(), self.kurtosis.to_dict()
        return {**kept, "orders": orders, "kurtosis": kurtosis, "scale": scale}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any], leading: LeadingCounts) -> Self:
        """Restore what `to_dict` gave."""
        moments = {curve: tuple(found) for curve, found in kept["moments"].items()}
        made = {
            "moments": moments,
            "orders": OrderCounts.from_dict(kept.get("orders", {})),  # earlier versions wrote none
            "kurtosis": KurtosisCounts.from_dict(kept["kurtosis"]),
            "other_labels": tuple((value, n) for value, n in kept.get("other_labels", ())),
            "by_file": {file: tuple(found) for file, found in kept.get("by_file", {}).items()},
            "scale": {
                curve: ScaleCounts.from_dict(one) for curve, one in kept.get("scale", {}).items()
            },
        }
        return cls(**{**kept, **made, "leading": leading})


def _by_file(read: Reading) -> dict[str, tuple[int, ...]]:
    """Count rows and pulsars in each of several files."""
    if read.files is None or not read.labelled:
        return {}
    codes, files = pd.factorize(read.files)
    is_pulsar, skewness = (read.frame[name].to_numpy() for name in (LABEL, "profile_skewness"))
    counts = count_shares(codes, len(files), is_pulsar == 1, skewness)
    return dict(zip(files, map(tuple, counts.tolist()), strict=True))


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
