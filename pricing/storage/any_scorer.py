"""The record path of any saved model: that of `wine` without scikit-learn, others with it."""

from __future__ import annotations

from pathlib import Path

from pricing.errors import ArtefactError
from pricing.scoring.record_scorer import RecordScorer
from pricing.storage.reader import ESTIMATOR, kind_of, load_scorer


def load_any_scorer(path: Path) -> RecordScorer:
    """The record path of a saved model. Nothing in the file is executed.

    Raises what `load_scorer` and `skops_file.load` raise, and ArtefactError where the model needs
    scikit-learn and this environment has none.
    """
    if kind_of(path) == ESTIMATOR:
        return load_scorer(path)
    try:
        # Imported where it is asked for: `wine` is served without scikit-learn, pandas and skops.
        from pricing.storage.skops_file import load  # noqa: PLC0415
    except ImportError as error:
        raise ArtefactError(
            f"{path.name} holds an estimator of scikit-learn, and this environment has no {error.name}. "
            "Install the dependency group `estimators` beside the service's (uv sync --group serving "
            "--group estimators; in an image the same line of its Dockerfile), or promote a model of the "
            "estimator `wine`."
        ) from error
    return load(path).scorer()
