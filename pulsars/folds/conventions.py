"""Of which folds the rows of a table are: statistics of one kind are not those of another."""

from __future__ import annotations

from collections.abc import Sequence

from pulsars.folds.tables import FOLD_SHA256, SECTION, TELESCOPE
from pulsars.store import read_columns
from schemas import TableRef, for_name

_MOST = 20
"""Kinds that are named; who has more has a mixture."""


def kinds_of(table: TableRef, carried: Sequence[str]) -> list[str]:
    """Say which folds a table is of, each kind once; none where it does not say.

    Parameters
    ----------
    table : TableRef
        Accepted rows.
    carried : sequence of str
        Its columns beside the features.

    Returns
    -------
    list of str
        Such as ``.pfd`` and ``.phcx, section FFT``, by telescope.
    """
    if FOLD_SHA256 not in carried:
        return []
    names = [name for name in (SECTION, TELESCOPE) if name in carried]
    found: set[str] = set()
    for file in table.partitions:
        columns = read_columns(file, [*names, FOLD_SHA256]).to_pandas()
        found |= {_kind(row) for row in columns[names].drop_duplicates().to_dict("records")}
    return sorted(found)[:_MOST]


def _kind(row: dict[str, str]) -> str:
    section, telescope = (str(row.get(name) or "") for name in (SECTION, TELESCOPE))
    kind = f".phcx, section {for_name(section)}" if section else ".pfd"
    return f"{kind} of {for_name(telescope)}" if telescope else kind


def convention_sentence(scored: Sequence[str], learnt: Sequence[str], *, run: str) -> str:
    """Say that candidates are folds of another kind than those that a run learnt from, or may be.

    Parameters
    ----------
    scored, learnt : sequence of str
        As of `kinds_of`; empty where it is not known: of candidates that are no folds, and of a run
        that learnt from a table.
    run : str
        The run that learnt.

    Examples
    --------
    >>> convention_sentence([".pfd of LOFAR"], [".phcx, section FFT"], run="a-run")
    'They are folds (.pfd of LOFAR) of another kind than those (.phcx, section FFT) of a-run.'
    """
    known = {*map(_as_meant, learnt)}
    others = [kind for kind in scored if _as_meant(kind) not in known]
    if not others:
        return ""
    if not learnt:
        return (
            f"They are folds ({'; '.join(others)}); {run} learnt from a table, and whether of such "
            f"folds is not known: of another kind they have other statistics."
        )
    return (
        f"They are folds ({'; '.join(others)}) of another kind than those ({'; '.join(learnt)}) "
        f"of {run}."
    )


def _as_meant(kind: str) -> str:
    """Give a kind without how it is spelt: `parkes` is the telescope of `Parkes`."""
    return " ".join(kind.casefold().split())
