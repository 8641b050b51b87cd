"""The examples of docs/api.md, run as they stand there against a live service."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.pace import patience
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.services import Process, service

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
EXAMPLES = re.findall(r"```(bash|python)\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    state = tmp_path_factory.mktemp("documented") / "state"
    keep_in_cache(state)
    with service(state, {}) as started:
        yield started


def test_there_are_examples_for_both() -> None:
    assert {language for language, _ in EXAMPLES} == {"bash", "python"}


@pytest.mark.parametrize(
    ("language", "code"),
    [
        pytest.param(*example, marks=pytest.mark.needs("curl") if "curl" in example[1] else ())
        for example in EXAMPLES
    ],
)
def test_an_example_works(language: str, code: str, running: Process) -> None:
    here = code.replace(ADDRESS, running.address)
    command = ["bash", "-ec", here] if language == "bash" else [sys.executable, "-c", here]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience(60))
    assert done.returncode == 0, done.stderr
    if language == "bash":
        answer = msgspec.json.decode(done.stdout)
        assert "prediction" in answer or "predictions" in answer
