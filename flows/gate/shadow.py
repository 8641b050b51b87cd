"""How a candidate that scored in the shadow of production differs from it on real requests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.data.inference_log import InferenceLog
from flows.errors import DatabaseUnreachable
from flows.orchestration.markdown import table
from flows.settings import FlowSettings

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def shadow_markdown(settings: FlowSettings, version: str) -> str:
    """Both prices compared; empty without a database or without shadow predictions of this version."""
    if settings.neon_uri is None:
        return ""
    try:
        prices = InferenceLog(settings.neon_uri).shadow(version)
    except DatabaseUnreachable as error:
        return f"Not compared. {error}"
    return _compared(prices) if len(prices) else ""


def _compared(prices: pd.DataFrame) -> str:
    ratio = prices["shadow_price"].to_numpy() / prices["predicted_price"].to_numpy()
    far = float((np.abs(np.log(ratio)) > np.log(1.25)).mean())
    figures = table(
        [f"{quantile:z.0%} of requests below" for quantile in _QUANTILES],
        [[f"{value:.3f}" for value in np.quantile(ratio, _QUANTILES)]],
    )
    return (
        f"On {len(prices):,} real requests that both priced, the candidate's price is this many times "
        f"production's; for {far:z.1%} of them the two lie more than a quarter apart.\n\n{figures}"
    )
