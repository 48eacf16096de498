"""What is kept of who became champion, by the gate or by hand."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

Decision = Literal["promoted", "kept", "undecided"]

By = Literal["gate", "person"]


class VerdictRecord(BaseModel):
    """A verdict; what an earlier version did not write down has a default.

    Attributes
    ----------
    run : str
        The challenger.
    model_sha256 : str or None
        Of its model.
    decision : {"promoted", "kept", "undecided"}
        The challenger takes over, the champion stays, or a person has to say.
    because : str
        In a sentence.
    against : str or None
        The champion's run.
    at : datetime
        When the gate, or a person, decided; with its offset from UTC.
    by : {"gate", "person"}
        Who decided.
    who : str or None
        The name that a person gave; None of the gate, and of who was not asked for one.
    duel : dict or None
        As of `pulsars.gate.comparing.Duel.to_dict`, where the two were compared.
    anchor : str or None
        The run that losses are counted from; None where an earlier version judged, or nothing was
        compared.
    anchor_duel : dict or None
        Like `duel`, with the anchor, where that was not the champion.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    run: str
    model_sha256: str | None = None
    decision: Decision
    because: str
    against: str | None = None
    at: AwareDatetime
    by: By = "gate"
    who: str | None = None
    duel: dict[str, Any] | None = None
    anchor: str | None = None
    anchor_duel: dict[str, Any] | None = None
