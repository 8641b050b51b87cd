"""The targets of the Makefile in a clone in which nothing was started yet."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ("status", 2, "make up starts it"),
        ("logs", 2, "make up starts it"),
        ("down", 0, "Nothing was running"),
        ("clean", 0, "Removed .local"),
    ],
)
def test_before_the_first_start_it_is_said_what_starts_it(
    tmp_path: Path, target: str, code: int, said: str
) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)
    command = ["make", "--no-print-directory", target]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert "No such file" not in done.stderr
