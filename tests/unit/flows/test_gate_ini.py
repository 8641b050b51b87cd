"""Which warnings reject a candidate: `tests/model/gate.ini`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SETTINGS = Path(__file__).resolve().parents[2] / "model" / "gate.ini"
MACHINE = "Could not find the number of physical cores for the following reason:\\nfound 0 physical cores < 1"


@pytest.mark.parametrize(
    ("category", "text", "outcome"),
    [
        ("UserWarning", MACHINE, 0),  # joblib, where there is no lscpu
        ("DeprecationWarning", "this will go in Python 3.15", 0),
        ("FutureWarning", "the default will change", 0),
        ("RuntimeWarning", "overflow encountered in exp", 1),
        ("UserWarning", "X has feature names, but this model was fitted without", 1),
    ],
)
def test_only_what_the_candidate_is_to_blame_for_rejects_it(
    tmp_path: Path, category: str, text: str, outcome: int
) -> None:
    suite = tmp_path / "test_candidate.py"
    suite.write_text(f"import warnings\ndef test(): warnings.warn('{text}', {category})\n")
    command = [sys.executable, "-m", "pytest", "-q", "-c", SETTINGS, "-p", "no:cacheprovider", suite]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == outcome, done.stdout
