"""Parts of the service without a network: a scorer that needs no model, an outbox in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serving.models.loading import ServedModel, VersionRef
from serving.prediction_log.outbox import Outbox
from serving.prediction_log.outbox_folder import OutboxFolder
from tests.serving_kit.fakes import FakeScorer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    made = Outbox(tmp_path / "outbox.sqlite3", max_rows=1_000)
    yield made
    made.close()


@pytest.fixture
def model() -> ServedModel:
    ref = VersionRef("WinePriceRegressorPipeline", "7", {"data_synthetic": "true"})
    return ServedModel(ref, FakeScorer(), "0" * 64, {}, NOW, "registry")  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def holder(root: Path) -> Iterator[OutboxFolder]:
    made = OutboxFolder(root, max_rows=5_000)
    yield made
    made.close()
