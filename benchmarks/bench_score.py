"""How fast a catalogue is priced, and in how much memory: half of the rows, then all of them.

    python -m benchmarks.bench_score DATA [--rows 1000000] [--format csv]

DATA holds winemag-train.csv. The model is trained on it once; each measurement runs in a process of its
own, whose memory is summed with that of its workers (proportional set size). Writes benchmarks/score.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import psutil

from benchmarks.record import keep
from flows.orchestration.markdown import table
from flows.scoring.catalogue import catalogue
from flows.scoring.chunk import CSV, Chunk, Part, ScoreConfig, score_chunk
from flows.scoring.job import SavedModel, score_catalogue, score_with
from pricing.data.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.scoring.scorer import Scorer
from pricing.storage import skops_file
from pricing.wine.estimate import Estimate
from pricing.wine.request import Wine

AROUND_ROWS = 100_000
ROOT = Path(__file__).resolve().parent.parent


class PeakMemory:
    """The largest memory of this process and its children together, MB, sampled five times a second."""

    def __enter__(self) -> PeakMemory:
        self.mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self.mb = max(self.mb, _memory() / 1e6)


def _memory() -> int:
    me = psutil.Process()
    total = 0
    for process in (me, *me.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total


def write_catalogue(source: pd.DataFrame, rows: int, path: Path) -> None:
    """The reviews again and again, each time under other numbers, until there are `rows` of them."""
    written = 0
    while written < rows:
        part = source.head(rows - written)
        part = part.assign(id=np.arange(written, written + len(part)))
        part.to_csv(path, mode="a", header=written == 0, index=False)
        written += len(part)


def measure(model: Path, source: Path, output: Path) -> None:
    """One job in this process; its figures as JSON on standard output."""
    saved = SavedModel(model, "1", skops_file.sha256_of(model))
    with PeakMemory() as peak:
        result = score_catalogue(catalogue(str(source)), str(output), saved, workers=2)
    rows = result.scored + result.refused
    print(json.dumps({"rows": rows, "seconds": result.seconds, "peak_mb": peak.mb}))


class NoModel:
    """Answers at once: what is left is reading, checking and writing."""

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]:
        return [Estimate(24.318, 15.204, 38.911, 0.8, 3.191, 0.2514, ())] * len(wines)


def around_the_scorer(reviews: pd.DataFrame, rows: int, folder: Path) -> float:
    """CPU of everything but the scorer, microseconds a row, from CSV to CSV in this process."""
    source, output = folder / "stub.csv", str(folder / "stub-priced.csv")
    write_catalogue(reviews, rows, source)
    wines, scorer, config = catalogue(str(source)), cast("Scorer", NoModel()), ScoreConfig("1", CSV)

    def at_once(chunk: Chunk) -> Future[Part]:
        done: Future[Part] = Future()
        done.set_result(score_chunk(chunk, scorer, config))
        return done

    began = time.process_time()
    score_with(at_once, wines, output, SavedModel(source, "1", "none"), ahead=1)
    return (time.process_time() - began) / rows * 1e6


def line(reviews: pd.DataFrame, model: Path, rows: int, kind: str, folder: Path) -> tuple[str, ...]:
    """The figures of one job, in a process of its own."""
    source, output = folder / f"{rows}.csv", folder / f"priced.{kind}"
    write_catalogue(reviews, rows, source)
    code = "import sys; from benchmarks.bench_score import *; measure(*map(Path, sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(model), str(source), str(output)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found = json.loads(done.stdout.splitlines()[-1])
    source.unlink()
    rate = found["rows"] / found["seconds"]
    return f"{found['rows']:,}", f"{found['seconds']:.0f}", f"{rate:,.0f}", f"{found['peak_mb']:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", choices=["csv", "parquet"], default="csv")
    given = parser.parse_args()
    reviews = pd.read_csv(given.data / "winemag-train.csv")
    wines = clean(reviews)[0]
    with tempfile.TemporaryDirectory() as folder:
        around = around_the_scorer(reviews, min(given.rows, AROUND_ROWS), Path(folder))
        print(f"around the scorer: {around:.1f} µs of CPU a row", file=sys.stderr, flush=True)
        model = Path(folder) / skops_file.FILE_NAME
        skops_file.save(WinePriceRegressor().fit(wines, np.log(wines["price"].to_numpy())), model)
        lines = [
            line(reviews, model, rows, given.format, Path(folder)) for rows in (given.rows // 2, given.rows)
        ]
    intro = (
        f"`python -m benchmarks.bench_score DATA --rows {given.rows}` on {datetime.now(UTC):%Y-%m-%d}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, two workers, CSV to {given.format}. "
        "Memory is that of all processes together."
    )
    overhead = (
        "Reading, checking and writing without a model (CSV to CSV, one process) costs "
        f"{around:.0f} µs of CPU a row."
    )
    figures = table(["rows", "seconds", "rows a second", "peak MB"], lines)
    text = f"# Pricing a catalogue\n\n{intro}\n\n{figures}\n\n{overhead}\n"
    keep("score.md", text)


if __name__ == "__main__":
    main()
