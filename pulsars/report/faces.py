"""The face of a candidate: all that a person looks at to say what it is, in one small fragment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pulsars.folds import Face
from pulsars.report.fold_pictures import fold_pictures
from pulsars.report.rendering import render_html
from pulsars.report.standing import Ground, draw_feature, draw_standing
from pulsars.report.svg import NON_PULSAR, PULSAR
from pulsars.report.words import figure, signed
from schemas import FEATURE_NAMES, RankedBy
from slp import Reference

_HALF = 60  # user units of a bar to either side
_TOO_LONG = 1e6  # from here on a part is written with an exponent


def grounds_of(reference: Reference) -> dict[str, Ground]:
    """Give the eight features of the training rows, on which candidates are shown; once a page."""
    return {name: Ground.of(name, reference, column) for column, name in enumerate(FEATURE_NAMES)}


def draw_features(reference: Reference) -> list[dict[str, str]]:
    """Draw the eight features of the training rows by class, as of `draw_feature`."""
    return [draw_feature(ground) for ground in grounds_of(reference).values()]


def draw_mistakes(mistakes: Mapping[str, Any], reference: Reference) -> list[str]:
    """Draw the face of each of the worst mistakes: missed pulsars, then false alarms.

    Parameters
    ----------
    mistakes : mapping
        As of `pulsars.learning.meaning.find_meaning`.
    reference : Reference
        Of the rows that the model learnt from.
    """
    grounds = grounds_of(reference)
    return [
        draw_face(
            face=None,
            features=row["values"],
            contributions=row["contributions"],
            grounds=grounds,
            intercept=mistakes["intercept"],
        )
        for row in (*mistakes["missed"], *mistakes["false_alarms"])
    ]


def draw_face(
    *,
    face: Face | None,
    features: Mapping[str, float],
    contributions: Mapping[str, float],
    grounds: Mapping[str, Ground] | None,
    ranked_by: RankedBy = "model",
    intercept: float | None = None,
) -> str:
    """Draw a candidate as an HTML fragment, to stand on any page with the style of a report.

    Parameters
    ----------
    face : Face or None
        Its curves and planes; without them the eight numbers alone are shown.
    features : mapping of str to float
        The eight features by name, finite, in the units of the file.
    contributions : mapping of str to float
        What each adds to the logit, or to the sum of a companion.
    grounds : mapping of str to Ground, or None
        As of `grounds_of`, of the rows that the model learnt from. Without them the numbers stand
        alone.
    ranked_by : {"model", "companion"}
        Whose sum the contributions are parts of.
    intercept : float, optional
        What the sum begins with, for the parts to add up; not shown where it is not known.

    Returns
    -------
    str
        HTML without a script, an id, a heading or a ``style``; it says in words what it shows.

    Raises
    ------
    KeyError
        If a feature has no value or no contribution.
    ValueError
        If a number is not finite.
    """
    largest = max(abs(contributions[name]) for name in FEATURE_NAMES)
    rows = [
        _row(name, features[name], contributions[name], grounds, largest) for name in FEATURE_NAMES
    ]
    for row in rows:
        if ranked_by == "companion" and contributions[row["name"]] == 0:  # of no weight
            row |= {"bar": "", "part": "not used"}
    return render_html(
        "face.html.j2",
        pictures=fold_pictures(face) if face else [],
        rows=rows,
        among=grounds is not None,
        intercept=None if intercept is None else _part(intercept),
        whole="sum that ranks" if ranked_by == "companion" else "logit",
    )


def _row(
    name: str, value: float, part: float, grounds: Mapping[str, Ground] | None, largest: float
) -> dict[str, Any]:
    if not (math.isfinite(value) and math.isfinite(part)):
        raise ValueError(f"{name} is {value}, its part {part}; a face shows finite numbers alone")
    ground = grounds and grounds[name]
    return {
        "name": name,
        "value": figure(value),
        "beyond": ground and ground.beyond(value),
        "standing": ground and draw_standing(ground, value),
        "bar": _bar(part, largest),
        "part": _part(part),
    }


def _part(part: float) -> str:
    if not math.isfinite(part):
        raise ValueError(f"a part is {part}; a face shows finite numbers alone")
    return signed(part) if abs(part) < _TOO_LONG else f"{part:+.1e}".replace("-", "−")


def _bar(part: float, largest: float) -> str:
    """Draw a part of a logit: filled to the right for a pulsar, hollow to the left against it."""
    long = round(_HALF * abs(part) / largest, 1) if largest else 0.0
    paint = f'fill="{PULSAR}"' if part >= 0 else f'fill="none" stroke="{NON_PULSAR}"'
    x = 0 if part >= 0 else -long
    return (
        f'<svg aria-hidden="true" preserveAspectRatio="none" viewBox="{-_HALF - 2} 0 '
        f'{2 * _HALF + 4} 14" width="{2 * _HALF + 4}" height="14"><rect {paint} x="{x:g}" y="3" '
        f'width="{long:g}" height="8"/><path stroke="currentColor" d="M0 0V14"/></svg>'
    )
