"""Run the flow that measures folds from a terminal."""

from __future__ import annotations

from command.launching import Loaded, run_on_file
from schemas import DASH, FeatureParameters, FeaturesMade, ParameterError


def run_features(parameters: FeatureParameters) -> FeaturesMade:
    """Run the flow that measures folds.

    Parameters
    ----------
    parameters : FeatureParameters
        Which folds, and where the table goes.

    Returns
    -------
    FeaturesMade
        The table, and the account of the folds.

    Raises
    ------
    PulsarError
        If there is no fold, the table cannot be written, or the labels cannot be read or joined.
    """
    from pulsars.folds import require_labels_of_folds, require_target

    require_target(parameters.target, labelled=parameters.labels is not None)
    if parameters.labels is not None and DASH in {parameters.data, *parameters.more}:
        raise ParameterError(
            f"--labels {parameters.labels}: a fold is found there by the name of its file, and one "
            "from standard input (-) has none; save it as a file, and name that"
        )
    require_labels_of_folds(parameters.labels)

    def flow() -> Loaded[FeatureParameters, FeaturesMade]:
        from flows.features import features

        return features, lambda made: made

    return run_on_file(parameters, flow, kind="features")
