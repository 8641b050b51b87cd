"""The description of a version in the registry: what it is, how good, and how to use it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.orchestration.markdown import bullets
from flows.training.reports.card_markdown import SYNTHETIC_NOTE, in_words
from pricing.wine.schema import OPTIONAL_FIELDS, REQUIRED_FIELDS


def version_description(card: Mapping[str, Any], model_name: str) -> str:
    """Markdown; the registry cuts it off at 5,000 characters."""
    data = card["data"]
    what = (
        f"Natural log of the price (USD a bottle) of a wine; estimator `{card['estimator']}`, trained "
        f"{card['trained_at'][:10]} on {data['train_rows']:,} wines."
    )
    parts = [
        *([SYNTHETIC_NOTE] if data["synthetic"] else []),
        what,
        in_words(card["metrics"]),
        "## How to use it",
        _how_to_use(model_name),
        "## Limits",
        bullets(card["limits"][:8]),
        "The whole card with slices and plots lies in the run: `model_card.md`.",
    ]
    return "\n\n".join(parts) + "\n"


def _how_to_use(model_name: str) -> str:
    fields = ", ".join(f"`{name}`" for name in REQUIRED_FIELDS)
    optional = ", ".join(f"`{name}`" for name in OPTIONAL_FIELDS)
    return (
        f"Columns: {fields}; optional, in any combination: {optional}. `exp` of the prediction is USD.\n\n"
        "```python\n"
        "import mlflow, numpy as np, pandas as pd\n\n"
        f'model = mlflow.pyfunc.load_model("models:/{model_name}@production")\n'
        'wines = pd.DataFrame([{"country": "US", "province": "California", "millesime": 2013,\n'
        '                       "description": "Dense, with cassis, cedar and firm tannins."}])\n'
        "print(np.exp(model.predict(wines)))\n"
        "```\n\n"
        "For intervals, `mlflow.sklearn.load_model` gives the estimator: `estimate(wines, coverage=0.9)` has "
        "`log_price`, `low`, `high` and `expected_error`. Its code travels with it; the packages are in "
        "its `requirements.txt`. Over HTTP: `mlflow models serve -m models:/"
        f"{model_name}@production --env-manager local`."
    )
