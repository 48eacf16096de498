"""`pulsar features`: folds in, a table of their eight statistics out."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from command.options import NOT_TYPED, AsJson, takes
from schemas import OF_A_TABLE, FeatureParameters

_FIELDS = FeatureParameters.model_fields


@takes(FeatureParameters, but=(*OF_A_TABLE, *NOT_TYPED, "target"))
def features(
    given: dict[str, Any],
    *,
    target: Annotated[
        str, typer.Option("-o", "--target", metavar="FILE", help=_FIELDS["target"].description)
    ] = _FIELDS["target"].default,
    as_json: AsJson = False,
) -> None:
    """Measure folds (.pfd, .phcx): the eight statistics of each, and what it is, as a table.

    A fold that cannot be read or measured is set aside with its reason, and stops no other.
    """
    from command.measuring import run_features
    from command.show_folds import print_features

    made = run_features(FeatureParameters(**given, target=target))
    print_features(made, as_json=as_json)
