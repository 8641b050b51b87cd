"""Catalogues through real worker processes: killed and run again, on S3, in both formats."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import fsspec
import pandas as pd
import pytest

from flows.scoring.catalogue import catalogue
from flows.scoring.job import SavedModel, bad_rows_path, score_catalogue
from pricing.storage import skops_file

pytestmark = pytest.mark.integration
JOB = Path(__file__).with_name("job.py")


def command(model: Path, source: Path, output: Path) -> list[str]:
    return [sys.executable, str(JOB), str(model), str(source), str(output)]


def test_killed_in_the_middle_and_run_again_it_gives_the_same_file(
    saved_model: Path, wines: pd.DataFrame, tmp_path: Path
) -> None:
    source, clean_run, killed = tmp_path / "wines.csv", tmp_path / "clean.csv", tmp_path / "killed.csv"
    many = pd.concat([wines] * 8, ignore_index=True)
    many.loc[[3, 9_000], "country"] = None
    many.to_csv(source, index=False)
    subprocess.run(command(saved_model, source, clean_run), check=True)

    running = subprocess.Popen(command(saved_model, source, killed), start_new_session=True)
    parts = Path(f"{killed}.parts")
    deadline = time.monotonic() + 60
    while len(list(parts.glob("*.done"))) < 5:
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not killed.exists()
    before = {file.name: file.stat().st_mtime_ns for file in parts.glob("*.done")}
    assert len(before) >= 5

    subprocess.run(command(saved_model, source, killed), check=True)
    assert killed.read_bytes() == clean_run.read_bytes()
    refused = [Path(bad_rows_path(str(output))).read_bytes() for output in (killed, clean_run)]
    assert refused[0] == refused[1]
    assert b"country: missing" in refused[0]
    assert not parts.exists()


def test_parts_of_another_catalogue_are_not_taken_over(
    saved_model: Path, wines: pd.DataFrame, tmp_path: Path
) -> None:
    source, output = tmp_path / "wines.csv", tmp_path / "out.csv"
    wines.head(50).to_csv(source, index=False)
    saved = SavedModel(saved_model, "7", skops_file.sha256_of(saved_model))
    leftovers = Path(f"{output}.parts")
    leftovers.mkdir()
    (leftovers / "job.json").write_text('{"catalogue": "another"}')
    (leftovers / "00000000.done").write_text('{"scored": 1, "refused": 0}')
    result = score_catalogue(catalogue(str(source)), str(output), saved, workers=1)
    assert result.taken_over == 0
    assert result.scored + result.refused == 50


def test_from_s3_to_s3_and_from_csv_to_parquet(
    saved_model: Path, wines: pd.DataFrame, bucket: str, tmp_path: Path
) -> None:
    local = tmp_path / "wines.csv"
    wines.head(200).to_csv(local, index=False)
    fsspec.filesystem("s3").put_file(str(local), f"{bucket}/wines.csv")
    saved = SavedModel(saved_model, "7", skops_file.sha256_of(saved_model))
    result = score_catalogue(catalogue(f"{bucket}/wines.csv"), f"{bucket}/priced.parquet", saved, workers=1)
    with fsspec.open(f"{bucket}/priced.parquet", "rb") as file:
        priced = pd.read_parquet(file)
    assert len(priced) == result.scored > 100
    assert (priced["interval_low"] <= priced["predicted_price"]).all()
    assert fsspec.filesystem("s3").exists(f"{bucket}/priced.parquet.parts") is False
