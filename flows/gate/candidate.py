"""Versions as the gate sees them: loaded from the registry, with all that `tests/model` needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from mlflow.entities.model_registry import ModelVersion

from flows.errors import CandidateRejected
from flows.registry import versions
from flows.registry.contract import HOLDOUT_PATH
from flows.registry.model_registry import Registry
from flows.registry.versions import LoadedVersion

CARD_FILE: Final = "card.json"
HOLDOUT_FILE: Final = "holdout.parquet"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate in `folder`, with the held-out wines of its training (`FIELDS`, `price`).

    The folder holds `model.skops`, `card.json` and `holdout.parquet`, all that `tests/model` needs.
    """

    loaded: LoadedVersion
    folder: Path
    holdout: pd.DataFrame

    @property
    def card(self) -> Mapping[str, Any]:
        return self.loaded.saved.card


def fetch_candidate(registry: Registry, version: ModelVersion, folder: Path) -> Candidate:
    """Download and load. Raises `CandidateRejected` for a version that is damaged, foreign or incomplete."""
    try:
        loaded = versions.load(registry, version, folder)
        holdout = versions.run_file(version, HOLDOUT_PATH, folder / "run")
    except versions.UNUSABLE as error:
        raise CandidateRejected(version.version, [f"it cannot be loaded: {error}"]) from error
    folder = loaded.saved.file.parent
    (folder / CARD_FILE).write_text(json.dumps(loaded.saved.card))
    holdout.rename(folder / HOLDOUT_FILE)
    return Candidate(loaded, folder, pd.read_parquet(folder / HOLDOUT_FILE))


def fetch_champion(registry: Registry, version: ModelVersion, folder: Path) -> LoadedVersion | str:
    """The version in production, or the reason why a candidate cannot be compared with it.

    A model of another system (a pickle) is never loaded.
    """
    try:
        return versions.load(registry, version, folder)
    except versions.UNUSABLE as error:
        return f"Version {version.version} in production is no model of this system: {error}"
