"""The verdict of Evidently's drift preset on a window, with its own settings, beside that of our check.

It sees the columns of the detailed report. Each column is judged by a distance and its default limit; the
window has drifted where at least half of the columns have.
"""

from __future__ import annotations

import os

import numpy as np
import pandas as pd

from flows.data.reference import Model, Reference
from flows.monitoring.descriptors import Vocabulary
from flows.monitoring.evidently_report import compared

PRESET = "Evidently's preset"


def preset_finds_drift(
    reference: Reference, window: pd.DataFrame, model: Model, vocabulary: Vocabulary, seed: int
) -> bool:
    """Whether `DataDriftPreset()` calls the window drifted."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from evidently import Report  # noqa: PLC0415 - six seconds of import
    from evidently.presets import DataDriftPreset  # noqa: PLC0415

    preset = DataDriftPreset()
    before, after = compared(reference, window, model, np.random.default_rng(seed), vocabulary).datasets()
    measured = Report([preset]).run(after, before).dict()["metrics"]
    share = next(m["value"]["share"] for m in measured if m["metric_name"].startswith("DriftedColumnsCount"))
    return bool(share >= preset.drift_share)
