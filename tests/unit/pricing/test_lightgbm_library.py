"""LightGBM runs with the OpenMP runtime of the environment, so a machine without one will do."""

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from pricing.errors import ArtefactError
from pricing.model import lightgbm_library

MAPPED = "print(*{line.split(None, 5)[5] for line in open('/proc/self/maps') if 'gomp' in line}, sep='')"
SCORES = "from pricing.model.lightgbm_library import load_lightgbm; load_lightgbm()"
FITS = """
import numpy as np
from pricing.training.lightgbm_fit import BoostingParams, fit_trees
params = BoostingParams(2, 0.1, 3, 1.0, 1, 0)
assert fit_trees(np.arange(40, dtype=np.float32).reshape(20, 2), np.arange(20.0), params).startswith("tree")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="LightGBM's wheels want libgomp on Linux only")
@pytest.mark.parametrize("use", [SCORES, FITS])
def test_no_openmp_runtime_of_the_system_is_used(use: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{use}\n{MAPPED}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    mapped = [Path(line.removesuffix(" (deleted)")) for line in done.stdout.splitlines()]
    assert mapped
    assert not [path for path in mapped if Path("/usr") in path.parents or Path("/lib") in path.parents]


def test_without_a_runtime_the_reason_and_the_package_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "lightgbm"
    (package / "lib").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "lib" / "lib_lightgbm.so").write_bytes(b"no library")
    monkeypatch.setattr(
        lightgbm_library,
        "find_spec",
        lambda _: ModuleSpec("lightgbm", None, origin=str(package / "__init__.py")),
    )
    with pytest.raises(ArtefactError, match=r"apt install libgomp1"):
        lightgbm_library.load_lightgbm.__wrapped__()
