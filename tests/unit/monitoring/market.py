"""A small market with a known price structure, and a model that knows it."""

from __future__ import annotations

import numpy as np
import pandas as pd

WORDS = [
    "ripe",
    "dark",
    "fresh",
    "lean",
    "oak",
    "silky",
    "round",
    "firm",
    "long",
    "short",
    "cherry",
    "plum",
    "apple",
    "pear",
    "lemon",
    "lime",
    "spice",
    "smoke",
    "earth",
    "leather",
    "tobacco",
    "vanilla",
    "cedar",
    "honey",
    "floral",
    "mineral",
    "crisp",
    "juicy",
    "dense",
    "supple",
    "tannins",
    "acidity",
    "finish",
    "palate",
    "aromas",
    "flavors",
]
PRICES = {"us": 30.0, "france": 45.0, "chile": 14.0}
NOISE = 0.4


class KnownModel:
    """Knows every country's price; errs by `NOISE` and says so."""

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        quality = wines["description"].str.split().str.len().to_numpy(dtype=float)
        log_price = np.log(wines["country"].map(PRICES).to_numpy(dtype=float)) + 0.03 * (quality - 20)
        expected = np.full(len(wines), NOISE * np.sqrt(2 / np.pi))
        return pd.DataFrame(
            {
                "log_price": log_price,
                "low": log_price - 0.5,
                "high": log_price + 0.5,
                "expected_error": expected,
            },
            index=wines.index,
        )


def make_wines(
    rows: int,
    *,
    seed: int,
    shares: tuple[float, float, float] = (0.5, 0.3, 0.2),
    length: int = 20,
    noise: float = NOISE,
    level: float = 0.0,
) -> pd.DataFrame:
    """Wines with FIELDS and `price`; `length` is the mean number of words, `level` a shift of log price."""
    rng = np.random.default_rng(seed)
    country = rng.choice(list(PRICES), rows, p=shares)
    lengths = np.clip(rng.poisson(length, rows), 3, None)
    wines = pd.DataFrame(
        {
            "country": country,
            "description": [" ".join(rng.choice(WORDS, count)) for count in lengths],
            "province": [f"{name} valley" for name in country],
            "millesime": rng.integers(2005, 2018, rows).astype(str),
            "variety": rng.choice(["pinot", "malbec", "riesling"], rows),
            "winery": [f"house {number}" for number in rng.integers(0, 50, rows)],
            "region": None,
            "designation": None,
            "points": rng.normal(88, 3, rows).clip(80, 100).round(),
        }
    )
    log_price = KnownModel().estimate(wines)["log_price"].to_numpy() + level + rng.normal(0, noise, rows)
    return wines.assign(price=np.exp(log_price))


def answered(wines: pd.DataFrame) -> pd.DataFrame:
    """The wines as joined feedback: `actual_price` and the `predicted_price` that was answered, USD."""
    predicted = np.exp(KnownModel().estimate(wines)["log_price"].to_numpy())
    return wines.rename(columns={"price": "actual_price"}).assign(predicted_price=predicted)
