"""The artifacts that a run shows in the Prefect UI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self, cast
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)

DATA_KEY: Final = "wine-data"
REPORT_KEY: Final = "wine-model-card"
PROGRESS_KEY: Final = "wine-train-progress"
PROMOTION_KEY: Final = "wine-promotion"
ROLLBACK_KEY: Final = "wine-rollback"


def show(key: str, markdown: str, *, description: str) -> None:
    """A Markdown artifact of this run; the latest under a key is what the Artifacts page shows."""
    _sync(create_markdown_artifact(markdown, key=key, description=description))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, as an artifact that fills while it runs."""

    artifact: UUID

    @classmethod
    def start(cls, step: str) -> Self:
        return cls(_sync(create_progress_artifact(0.0, key=PROGRESS_KEY, description=step)))

    def at(self, percent: float, step: str) -> None:
        """`percent` of the run is done, `step` comes next."""
        _sync(update_progress_artifact(self.artifact, percent, description=step))


def _sync(identifier: Any) -> UUID:  # noqa: ANN401 - typed as maybe a coroutine; in a synchronous flow it is none
    return cast("UUID", identifier)
