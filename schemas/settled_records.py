"""What people said of candidates, on its way into a training."""

from __future__ import annotations

from schemas.handles import FileRef, Record


class Settled(Record):
    """What people say of candidates: one label each.

    Attributes
    ----------
    file : FileRef
        Candidates with a label, as of `pulsars.learning.Labelled`; its name is its sha256.
    n_reviewed, n_pulsars : int
        How many these are, and how many of them people say to be pulsars.
    n_open : int
        Candidates of which people say different things, or are unsure; one of which every word was
        taken back is none.
    n_simulated : int
        Of those with a label, how many were shown among scores of simulated candidates.
    n_drifted : int
        Likewise among scores by a companion, as those of another survey are.
    """

    file: FileRef
    n_reviewed: int
    n_pulsars: int
    n_open: int
    n_simulated: int = 0
    n_drifted: int = 0


class Reviewed(Record):
    """What a training does with each candidate that has a label.

    Attributes
    ----------
    file : FileRef
        Arrays of `pulsars.learning.Reviews`.
    account : FileRef
        Counts, and what became of each candidate; published with the run.
    """

    file: FileRef
    account: FileRef
