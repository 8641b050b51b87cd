"""Names by which a training asks for an estimator, beside the dotted path of a factory."""

from __future__ import annotations

from typing import Final

WINE: Final = "wine"
BASELINE: Final = "baseline"
