"""The training rows at any share of pulsars, and how far chance moves candidates from them.

Both classes are known, so the training rows can be weighted anew: what another share of pulsars
explains is no change of the candidates themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slp.watching.tally import COARSE

_STEPS = 100


@dataclass(frozen=True, eq=False)
class Spread:
    """The training rows at each share of pulsars that is tried.

    Attributes
    ----------
    pulsars : ndarray of shape (n_shares,), float64
        The shares: that of the training rows, then 0 to 1 in hundredths. Of rows whose classes are
        not known there is one, of no meaning.
    rows : ndarray of shape (n_shares,), float64
        So many rows, drawn with this share, would say as much as the weighted ones do.
    coarse : ndarray of shape (n_shares, n_features, 10), float64
        Share of the rows in each of ten bins.
    areas : ndarray of shape (n_shares, n_features, 50), float64
        As in `slp.watching.tally.Tally`, of one row on average.
    mean, deviation : ndarray of shape (n_shares, n_features), float64
        Of the distance that chance gives where 1 / n_candidates + 1 / rows is 1.
    """

    pulsars: NDArray[np.float64]
    rows: NDArray[np.float64]
    coarse: NDArray[np.float64]
    areas: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def of(
        cls, counts: NDArray[np.int64], areas: NDArray[np.float64], widths: NDArray[np.float64]
    ) -> Spread:
        """Weight the classes, each with counts and areas of shape (n_features, 50).

        Parameters
        ----------
        counts, areas : ndarray of shape (n_classes, n_features, 50)
            One class, or non-pulsars and pulsars.
        widths : ndarray of shape (n_features, 48)
            Of the bins between the two outermost, in standard deviations.
        """
        n = counts[:, 0].sum(axis=1).astype(np.float64)
        weights = _weights(n)
        shares = np.tensordot(weights, counts / n[:, None, None], axes=1)
        even = np.tensordot(weights, areas / n[:, None, None], axes=1)
        mean, deviation = _chance(shares, even, widths)
        return cls(
            pulsars=weights[:, -1],
            rows=1 / (weights**2 / n).sum(axis=1),
            coarse=shares.reshape(*shares.shape[:2], COARSE, -1).sum(axis=3),
            areas=even,
            mean=mean,
            deviation=deviation,
        )


def _weights(n: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(n) == 1:
        return np.ones((1, 1))
    pulsars = np.append(n[1] / n.sum(), np.linspace(0, 1, _STEPS + 1))
    return np.column_stack([1 - pulsars, pulsars])


def _chance(
    shares: NDArray[np.float64], areas: NDArray[np.float64], widths: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give mean and standard deviation of a distance by chance, see `distances.distance_noise`.

    The area of a bin is a mean over rows, so nearly normal; its size has a mean of
    ``sqrt(2 / pi)`` standard deviations, and the sizes of two that are correlated by r a
    covariance of ``2 / pi * (sqrt(1 - r**2) + r * arcsin(r) - 1)``.
    """
    sigma, level = _one_row(shares, areas, widths)
    mean = np.sqrt(2 / np.pi) * sigma.sum(axis=-1)
    odds = np.sqrt(level / (1 - level))
    variance = np.empty_like(mean)
    for at in np.ndindex(*mean.shape):
        # As of a Brownian bridge: the lower level's odds over the higher's.
        r = np.minimum(odds[at][:, None] / odds[at], odds[at] / odds[at][:, None])
        joint = 2 / np.pi * (np.sqrt(1 - r**2) + r * np.arcsin(r) - 1)
        variance[at] = sigma[at] @ joint @ sigma[at]
    return mean, np.sqrt(variance)


def _one_row(
    shares: NDArray[np.float64], areas: NDArray[np.float64], widths: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the standard deviation of what one row adds to each area, and the level of its bin.

    The level is the share of the rows below the middle of the bin. Between the outermost a row adds
    all or nothing, nearly; beyond them the distances fall off exponentially, nearly.
    """
    reach = np.where(widths > 0, widths, 1.0)
    inner = np.clip(areas[..., 1:-1] / reach, 0.0, 1.0)
    tails, mass = areas[..., [0, -1]], shares[..., [0, -1]]
    squares = 2 * tails**2 / np.where(mass > 0, mass, 1.0) - tails**2
    sigma = np.concatenate(
        [
            np.sqrt(np.maximum(squares[..., :1], 0.0)),
            widths * np.sqrt(inner * (1 - inner)),
            np.sqrt(np.maximum(squares[..., 1:], 0.0)),
        ],
        axis=-1,
    )
    level = np.concatenate([mass[..., :1] / 2, inner, 1 - mass[..., 1:] / 2], axis=-1)
    return sigma, np.clip(level, 1e-9, 1 - 1e-9)
