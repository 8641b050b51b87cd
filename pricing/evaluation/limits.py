"""What a model must keep to be served: the limits that the gate holds every candidate to.

Times are wide enough for a busy host; what a quiet one reaches is in `benchmarks/`.
"""

from __future__ import annotations

from typing import Final

ARTEFACT_BYTES: Final = 40_000_000
LOAD_SECONDS: Final = 5.0
SCORE_SECONDS: Final = 0.001
"""Median of scoring one wine on the record path, interval and warnings included."""

FRAME_SCORE_SECONDS: Final = 0.1
"""The same for an estimator of scikit-learn, which is asked by frames."""

PARITY: Final = 1e-9
"""Largest difference between the record path and the frame path, log price."""

LEAST_R2: Final = 0.2
"""Of log price on held-out wines, all provided fields: below it the model knows next to nothing."""

COVERAGE_TOLERANCE: Final = 0.05
"""How far the observed coverage may lie from the nominal one, beyond what chance explains."""
