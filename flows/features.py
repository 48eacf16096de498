"""From folds to a table of their eight statistics."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from pulsars.folds import find_folds, require_labels_of_folds, require_target
from schemas import FeatureParameters, FeaturesMade, FoldError
from tasks import came_to, fetch, measured_folds, named, working, write_features


@flow(
    name="features",
    flow_run_name=named(FeatureParameters, lambda asked: asked.data_name),
    persist_result=True,
    result_serializer="json",
)
def features(parameters: FeatureParameters) -> FeaturesMade:
    """Measure folds and write the table.

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
    FoldError
        If there is no fold among the files, or none can be measured.
    ParameterError
        If the table cannot be written there, which is said before anything is measured.
    LabelError
        If the labels say nothing, which is said then, too.
    """
    with working():
        require_target(parameters.target, labelled=parameters.labels is not None)
        require_labels_of_folds(parameters.labels)
        source = fetch(parameters)
        found = find_folds(source, [parameters.data, *parameters.more])
        if found is None:
            raise FoldError(
                f"{source.origin}: no fold, neither .pfd nor .phcx by content; if it is an archive "
                f"of folds, unpack it and name their folder; a table of candidates needs no "
                f"measuring, `pulsar score` takes it as it is"
            )
        measured = measured_folds(parameters, source, found)
        target = str(Path(parameters.target))
        return came_to(write_features(measured.file, target, parameters, len(found.passed_over)))
