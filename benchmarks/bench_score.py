"""How fast a catalogue is priced, and in how much memory: rows as given, and twice as many.

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
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from flows.markdown import table
from flows.scoring.catalogue import catalogue
from flows.scoring.job import SavedModel, score_catalogue
from pricing import artefact
from pricing.cleaning import clean
from pricing.estimator import WinePriceRegressor

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
    saved = SavedModel(model, "1", artefact.sha256_of(model))
    with PeakMemory() as peak:
        tally = score_catalogue(catalogue(str(source)), str(output), saved, workers=2)
    rows = tally.scored + tally.refused
    print(json.dumps({"rows": rows, "seconds": tally.seconds, "peak_mb": peak.mb}))


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
        model = Path(folder) / artefact.FILE_NAME
        artefact.save(WinePriceRegressor().fit(wines, np.log(wines["price"].to_numpy())), model)
        lines = [
            line(reviews, model, rows, given.format, Path(folder)) for rows in (given.rows // 2, given.rows)
        ]
    intro = (
        f"`python -m benchmarks.bench_score DATA --rows {given.rows}` on {datetime.now(UTC):%Y-%m-%d}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, two workers, CSV to {given.format}. "
        "Memory is that of all processes together."
    )
    figures = table(["rows", "seconds", "rows a second", "peak MB"], lines)
    text = f"# Pricing a catalogue\n\n{intro}\n\n{figures}\n"
    (ROOT / "benchmarks/score.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
