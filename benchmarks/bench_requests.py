"""How well the model prices what people ask: short notes, other languages, places by other names.

    DATA=folder python -m benchmarks.bench_requests [--jobs 2]

Trains on the 130k file of DATA, or on the small one where that is all there is, and asks for the wines of
the test file as people would. BENCH_MODEL names a fitted model instead. Writes benchmarks/requests.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.asked_notes import NOTES
from benchmarks.plain_ridge import PlainRidge
from benchmarks.record import keep, markdown_table
from pricing.arrays import Floats
from pricing.data.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.storage import skops_file
from pricing.wine.request import Wine
from pricing.wine.schema import PRICE, REQUIRED_FIELDS

TRAIN: Final = ("winemag-130k-train.csv.gz", "winemag-train.csv")
TEST: Final = "winemag-test.csv"
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "required fields": (),
    "+ variety, winery, region": ("variety", "winery", "region"),
}
LANGUAGES: Final = {"fr": "French", "it": "Italian", "es": "Spanish", "de": "German"}
CLOSE: Final = 0.02
"""A place by another name is understood when its wine costs within 2 % of what it means."""

UNREAD: Final = {
    "Greek": "Ένα κόκκινο κρασί με αρώματα κερασιού και απαλές τανίνες, μακρά επίγευση.",
    "Finnish": "Täyteläinen punaviini, jossa on kirsikkaa, tammea ja pehmeät tanniinit.",
    "Japanese": "チェリーとバニラの香り、しっかりとしたタンニンと長い余韻のある赤ワイン。",
}
NOTE: Final = "Ripe black cherry and plum with firm tannins and a long finish."


@dataclass(frozen=True, slots=True)
class Figures:
    """Of n estimates against log prices: RMSE, mean error, share in the interval and its mean width."""

    rmse: float
    bias: float
    coverage: float
    width: float

    @classmethod
    def of(cls, estimates: pd.DataFrame, actual: Floats) -> Figures:
        error = estimates["log_price"].to_numpy() - actual
        low, high = estimates["low"].to_numpy(), estimates["high"].to_numpy()
        inside = (low <= actual) & (actual <= high)
        return cls(_rmse(error), float(error.mean()), float(inside.mean()), float((high - low).mean()))

    def cells(self) -> list[str]:
        return [f"{self.rmse:.3f}", f"{self.bias:+.3f}", f"{self.coverage:z.0%}", f"{self.width:.2f}"]


def main() -> None:
    arguments = _arguments()
    folder = Path(arguments.data)
    trained = next((folder / name for name in TRAIN if (folder / name).is_file()), None)
    if trained is None or not (folder / TEST).is_file():
        sys.exit(f"No {TRAIN[0]} or {TRAIN[1]} with {TEST} in {folder}. Set DATA to the folder of reviews.")
    train, test = _wines(trained), _wines(folder / TEST)
    estimator = _estimator(train, arguments.jobs)
    parts = [_by_note(estimator, train, test)]
    if (folder / "notes-translated.csv").is_file():
        parts.append(_by_language(estimator, folder))
    if (folder / "places.csv").is_file():
        parts.append(_by_place(estimator, pd.read_csv(folder / "places.csv").fillna("")))
    keep("requests.md", "\n\n".join([_heading(trained.name, len(train), len(test)), *parts]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default=os.environ.get("DATA") or os.environ.get("ARTIFACT_DATA") or ".")
    parser.add_argument("--jobs", type=int, default=2, help="threads of the fit")
    return parser.parse_args()


def _estimator(train: pd.DataFrame, jobs: int) -> Any:  # noqa: ANN401 (any estimator of the protocol)
    fitted = os.environ.get("BENCH_MODEL")
    if fitted:
        return skops_file.load(Path(fitted))
    return WinePriceRegressor(n_jobs=jobs).fit(train, np.log(train[PRICE]))


def _wines(path: Path) -> pd.DataFrame:
    return clean(pd.read_csv(path))[0]


def _rmse(error: Floats) -> float:
    return float(np.sqrt((error**2).mean()))


def _by_note(estimator: Any, train: pd.DataFrame, test: pd.DataFrame) -> str:  # noqa: ANN401
    actual = np.log(test[PRICE].to_numpy())
    header = ("fields", "note", "RMSE", "bias", "coverage", "width", "plain ridge: RMSE", "bias")
    rows = []
    for fields, optional in FIELDS.items():
        names = ("country", "province", "millesime", *optional)
        plain = PlainRidge(names).fit(train, np.log(train[PRICE].to_numpy()))
        for note, ask in NOTES.items():
            asked = test[[*REQUIRED_FIELDS, *optional]]
            asked = asked.assign(description=asked["description"].map(ask))
            error = plain.predict(asked) - actual
            own = Figures.of(estimator.estimate(asked), actual).cells()
            rows.append([fields, note, *own, f"{_rmse(error):.3f}", f"{error.mean():+.3f}"])
    return f"## By note\n\n{markdown_table(header, rows)}"


def _by_language(estimator: Any, folder: Path) -> str:  # noqa: ANN401
    reviews = pd.read_csv(folder / TEST)
    translated = pd.read_csv(folder / "notes-translated.csv")
    wines = clean(reviews)[0].assign(id=reviews["id"]).set_index("id")
    rows = []
    for fields, optional in FIELDS.items():
        for language, notes in translated.groupby("language", sort=False):
            own, english = _of_language(estimator, wines, notes.set_index("id"), optional)
            beside = [f"{english.rmse:.3f}", f"{english.bias:+.3f}"]
            rows.append([fields, LANGUAGES[str(language)], str(len(notes)), *own.cells(), *beside])
    header = ("fields", "language", "wines", "RMSE", "bias", "coverage", "width", "English: RMSE", "bias")
    strange = ", ".join(f"{name} {_against_none(estimator, note):+z.1%}" for name, note in UNREAD.items())
    text = "Notes of the test file as a native writer would put them, beside the English ones."
    unread = f"In languages that are not read, against the price without a note: {strange}."
    return f"## By language\n\n{text}\n\n{markdown_table(header, rows)}\n\n{unread}"


def _of_language(
    estimator: Any,  # noqa: ANN401
    wines: pd.DataFrame,
    notes: pd.DataFrame,
    optional: tuple[str, ...],
) -> tuple[Figures, Figures]:
    """Of the translated notes and of the English ones of the same wines."""
    known = notes.index.intersection(wines.index)
    english = wines.loc[known, [*REQUIRED_FIELDS, *optional]]
    actual = np.log(wines.loc[known, PRICE].to_numpy())
    foreign = english.assign(description=notes.loc[known, "description"])
    own, other = (Figures.of(estimator.estimate(asked), actual) for asked in (foreign, english))
    return own, other


def _against_none(estimator: Any, note: str) -> float:  # noqa: ANN401
    scorer = estimator.scorer()
    place = {"country": "France", "province": "Bordeaux", "millesime": "2012"}
    said, bare = (scorer.score(Wine(description=text, **place)).price for text in (note, ""))
    return float(said / bare - 1)


def _by_place(estimator: Any, places: pd.DataFrame) -> str:  # noqa: ANN401
    scorer = estimator.scorer()

    def price(country: str, province: str, region: str) -> float:
        place = {"country": country, "province": province, "region": region or None}
        return float(scorer.score(Wine(description=NOTE, millesime="2013", **place)).price)

    rows = []
    for each in places.to_dict("records"):
        given = [str(each[name]) for name in ("country", "province", "region")]
        meant = [str(each[f"means_{name}"]) for name in ("country", "province", "region")]
        prices = price(*given), price(*meant)
        off = prices[0] / prices[1] - 1
        rows.append([" / ".join(filter(None, given)), " / ".join(filter(None, meant)), f"{off:+z.1%}"])
    close = sum(abs(float(row[2].rstrip("%"))) <= CLOSE * 100 for row in rows)
    text = f"{close} of {len(rows)} are priced within {CLOSE:z.0%} of what they mean."
    return f"## By place\n\n{text}\n\n{markdown_table(('asked', 'means', 'price is off by'), rows)}"


def _heading(trained: str, rows: int, tested: int) -> str:
    return f"""# What people ask, measured

`make bench-requests DATA=folder` on {datetime.now(UTC):%d %B %Y}: trained on {trained} ({rows:,} wines),
asked for the {tested:,} wines of {TEST}. RMSE, bias and width are of natural log USD (bias: prediction less
price); coverage is of the 80 % interval. The plain ridge is TF-IDF of the note and one column for each name
(`benchmarks/plain_ridge.py`), trained on whole notes."""


if __name__ == "__main__":
    main()
