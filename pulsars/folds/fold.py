"""A folded candidate, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FoldKind = Literal["pfd", "phcx"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Told:
    """What the file of a folded candidate says of it.

    Attributes
    ----------
    kind : {"pfd", "phcx"}
        PRESTO's prepfold, or the XML of the HTRU surveys.
    section : str
        Of a file that holds several, this one's name; else empty.
    name : str
        What the file calls the candidate; empty where it does not.
    telescope : str
        Empty where the file does not say.
    period : float or None
        Seconds; topocentric where the file tells both.
    dm : float or None
        Best dispersion measure, pc cm⁻³.
    ra, dec : str
        As written, J2000; empty where absent.
    """

    kind: FoldKind
    section: str = ""
    name: str = ""
    telescope: str = ""
    period: float | None = None
    dm: float | None = None
    ra: str = ""
    dec: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Fold(Told):
    """A section of a folded candidate: what its eight statistics are taken of, and what it is.

    Attributes
    ----------
    profile : ndarray of shape (n_bins,), float64
        Integrated pulse profile, 0 to 255.
    dm_curve : ndarray of shape (n_values,), float64 or float32
        Sample of the DM statistics: S/N or reduced χ² by trial DM; of a plane of periods and DMs,
        all periods of the first DM, then those of the next. In the precision in which its
        statistics are published.
    dms : ndarray of shape (n_dms,), float64, or None
        Trial DMs, pc cm⁻³; None where the file does not say.
    sub_bands : ndarray of shape (n_bands, n_bins), float64, or None
        Dedispersed, the lowest frequency first, any unit.
    sub_integrations : ndarray of shape (n_parts, n_bins), float64, or None
        Dedispersed, the earliest first, any unit.
    """

    profile: NDArray[np.float64]
    dm_curve: NDArray[np.float64] | NDArray[np.float32]
    dms: NDArray[np.float64] | None = None
    sub_bands: NDArray[np.float64] | None = None
    sub_integrations: NDArray[np.float64] | None = None
