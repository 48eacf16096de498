"""How a report words numbers: what each metric says, and figures as a person writes them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulsars.store import Estimate
from schemas import for_name, for_place
from slp import Measure

_LONG_FRACTION = re.compile(r"-?\d{1,5}\.\d{7,}")
_SHA256 = re.compile("[0-9a-f]{64}")
_DIGITS_SHOWN = 12
_SHORTEST_FILE = 3

METRICS: dict[str, tuple[str, str]] = {
    "recall": ("Recall", "share of the pulsars that are found"),
    "precision": ("Precision", "share of the pulsar calls that are right"),
    "f1": ("F1", "harmonic mean of precision and recall"),
    "average_precision": ("Average precision", "precision over all recalls, at no one threshold"),
    "roc_auc": ("ROC AUC", "chance that a pulsar ranks above a non-pulsar"),
    "mcc": ("MCC", "correlation of call and truth, −1 to 1"),
    "g_mean": ("G-mean", "geometric mean of recall and specificity"),
    "balanced_accuracy": ("Balanced accuracy", "mean of recall and specificity"),
    "specificity": ("Specificity", "share of the non-pulsars that are left out"),
    "accuracy": ("Accuracy", "share of all calls that are right; flatters when pulsars are rare"),
    "brier": ("Brier score", "mean squared error of the probability; 0 is best"),
    "log_loss": ("Log loss", "cross-entropy of the probability; 0 is best"),
}
"""Name and meaning of each metric, the most telling first."""

COUNTS: dict[str, tuple[str, str]] = {
    "tp": ("Pulsars found", "true positives"),
    "fn": ("Pulsars missed", "false negatives"),
    "fp": ("False alarms", "false positives"),
    "tn": ("Non-pulsars left out", "true negatives"),
}
"""The four cells of the confusion matrix in words."""

BRIER: dict[str, str] = {
    "score": "mean squared error of the probability; 0 is best",
    "reliability": "distance of the bins from the dotted line; 0 is best",
    "resolution": "how far the bins differ from the overall share; more is better",
    "uncertainty": "what the mix alone costs, whoever predicts",
    "within_bins": "what the bins hide",
}
"""What each part of the Brier score says."""

NOTHING = "—"


def decimal(value: float | None, digits: int = 3) -> str:
    """Write a number with a fixed count of decimals and a true minus sign."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value:,.{digits}f}".replace("-", "−")


def significant(value: float) -> str:
    """Write a number with three significant digits, so that a small one does not look like 0."""
    return f"{value:#.3g}" if value >= 0.001 else f"{value:.2e}"  # noqa: PLR2004 - 0.00123 still reads well


def figure(value: float) -> str:
    """Write a number with four significant digits, however large, and a true minus sign."""
    return f"{value:.4g}".replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """Write a number with its sign, plus or minus."""
    shown = round(value, digits) + 0.0  # minus zero is zero
    return ("+" if shown >= 0 else "") + decimal(shown, digits)


def whole(value: float | None) -> str:
    """Write a count, thousands apart."""
    return decimal(value, 0)


def percent(value: float | None, digits: int = 1) -> str:
    """Write a share of 1 as per cent."""
    return NOTHING if value is None else f"{decimal(100 * value, digits)}\u00a0%"


def span(interval: Estimate, digits: int = 3) -> str:
    """Write the bounds of an interval, or nothing when there are none."""
    low, high = interval["low"], interval["high"]
    if low is None or high is None:
        return ""
    return f"{decimal(low, digits)}–{decimal(high, digits)}"


def with_span(estimate: Estimate) -> str:
    """Write a number, and behind it the bounds of its interval where there are any."""
    value, bounds = decimal(estimate["value"]), span(estimate)
    return f"{value} ({bounds})" if bounds else value


def percents(interval: Estimate, digits: int = 1) -> str:
    """Write the bounds of a share as per cent, or nothing when there are none."""
    low, high = interval["low"], interval["high"]
    if low is None or high is None:
        return ""
    return f"{decimal(100 * low, digits)}–{percent(high, digits)}"


def share(interval: Estimate, digits: int = 1) -> str:
    """Write a share and its interval as per cent, for a sentence."""
    bounds = percents(interval, digits)
    value = percent(interval["value"], digits)
    return f"{value}, 95\u00a0% interval {bounds}" if bounds else value


def share_of_pulsars(prevalence: float) -> str:
    """Write a small share with as many decimals as it has: 9.2 %, 1 %, 0.01 %."""
    return f"{100 * prevalence:.2g}\u00a0%"


def few(value: float | None) -> str:
    """Write how many come to one: two digits below a hundred, whole numbers from there on."""
    if value is None:
        return "without bound"
    return whole(value) if value >= 99.5 else f"{value:.2g}"  # noqa: PLR2004 - more would be noise


def odds(coef: float) -> str:
    """Write odds, or a factor on odds, from a logit: exp(coef)."""
    factor = math.exp(min(coef, 700.0))  # beyond, a float64 overflows
    return f"{factor:.3g}"


def plain(value: object) -> str:
    """Write any JSON-able value so that a person can read it."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value if value.strip() else json.dumps(value)  # a tab has to be seen
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{spoken(str(key))}: {plain(item)}" for key, item in value.items())
    if isinstance(value, Sequence):
        return ", ".join(plain(item) for item in value) or "none"
    return json.dumps(value)


def strongest(parts: Mapping[str, float], sign: int) -> list[tuple[str, float]]:
    """Choose the three features whose parts of a logit have this sign and are the largest."""
    spoke = [(name, part) for name, part in parts.items() if sign * part > 0]
    return sorted(spoke, key=lambda named: -abs(named[1]))[:3]


def when(text: str) -> str:
    """Write a moment of the records as a person reads it; they are all in UTC."""
    return text.removesuffix("+00:00").replace("T", " ")


def spoken(name: str) -> str:
    """Write a name from the code as words."""
    return re.sub(r"\bdm\b", "DM", name.replace("_", " "))


def run_settings(settings: Mapping[str, Any]) -> list[str]:
    """Say the settings of a run that are not the default, one text each."""
    return [
        f"chosen by sweep {value}" if name == "chosen_by" else f"{spoken(name)} {plain(value)}"
        for name, value in settings.items()
    ]


def in_brief(text: str) -> str:
    """Give of a sha256 twelve digits, of a long fraction eight, of a file's path the last part.

    Anything else, such as a whole number, is given as it is.

    Examples
    --------
    >>> in_brief("night/beam_03/cand_17.pfd"), in_brief("J1819-1458"), in_brief("beam 3/J1819")
    ('cand_17.pfd', 'J1819-1458', 'beam 3/J1819')
    >>> in_brief("1.3443097650664886"), in_brief("82.7963"), in_brief("20260101123456789")
    ('1.3443098…', '82.7963', '20260101123456789')
    """
    if _LONG_FRACTION.fullmatch(text):
        return f"{float(text):.8g}…"
    if _SHA256.fullmatch(text):
        return f"{text[:_DIGITS_SHOWN]}…"
    last = text.rstrip("/").rpartition("/")[2]
    is_place = "://" in text or ("." in last and " " not in text)
    return last if is_place and len(last) >= _SHORTEST_FILE else text


def counted(n: float, noun: str) -> str:
    """Say how many there are.

    Examples
    --------
    >>> counted(1, "row"), counted(17_898, "row")
    ('1 row', '17,898 rows')
    """
    return f"{whole(n)} {noun}" if n == 1 else f"{whole(n)} {noun}s"


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        counted,
        decimal,
        significant,
        signed,
        whole,
        percent,
        span,
        percents,
        share,
        share_of_pulsars,
        few,
        strongest,
        odds,
        plain,
        spoken,
        run_settings,
        for_name,
        for_place,
        in_brief,
    )
}
"""What the templates use."""

DIGITS: dict[Measure, int] = {"f1": 3, "average_precision": 3, "log_loss": 4}
"""How many decimals each measure is written with."""


def setting_words(row: Mapping[str, Any]) -> str:
    """Say a setting in words."""
    words = f"{row['solver']}, {row['inputs']} inputs, l2 {row['l2']:g}"
    if row["solver"] == "sgd":
        words += f", learning rate {row['learning_rate']:g}, batches of {row['batch_size']}"
    return words + (", balanced (cycle)" if row["oversample"] == "cycle" else "")


def score_words(row: Mapping[str, Any], measure: Measure) -> str:
    """Write the mean and the spread over folds of one measure."""
    digits = DIGITS[measure]
    return f"{row['mean'][measure]:.{digits}f} ± {row['spread'][measure]:.{digits}f}"
