"""The files of a Space, and an empty home for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.huggingface.sealed import open_folder, released


@pytest.fixture(scope="module")
def app() -> Iterator[Path]:
    """The files that a push puts on the Space."""
    with open_folder() as folder:
        yield released(folder)


@pytest.fixture
def home() -> Iterator[Path]:
    with open_folder() as folder:
        made = folder / "home"
        made.mkdir(mode=0o755)
        yield made
